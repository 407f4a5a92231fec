"""Published lists: what is loaded, import with complaints, export."""
