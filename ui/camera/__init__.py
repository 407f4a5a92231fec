"""Pictures in: camera, image files, clipboard, screen region, and the wedge scanner."""
