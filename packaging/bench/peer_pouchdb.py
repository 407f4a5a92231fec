"""Put PouchDB and its server into a cache folder and measure a push and a pull: CACHE COUNT."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("pouchdb@9", "express-pouchdb@4", "express@4")
INSTALL_S, MEASURE_S = 300, 240


def main() -> None:
    """Install what is missing, then run the script on fresh files."""
    cache, count = Path(sys.argv[1]) / "pouchdb", sys.argv[2]
    if shutil.which("npm") is None or shutil.which("node") is None:
        sys.exit("node and npm are not installed")
    if not (cache / "node_modules" / "express-pouchdb").exists():
        cache.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES]
        subprocess.run(words, check=True, cwd=cache, timeout=INSTALL_S, stdout=subprocess.DEVNULL)
    # The packages are looked for from where the script lies.
    script = cache / "peer_pouchdb.js"
    shutil.copyfile(Path(__file__).with_suffix(".js"), script)
    with tempfile.TemporaryDirectory(prefix="mingjian-pouchdb-") as folder:
        subprocess.run(["node", str(script), folder, count], check=True, cwd=cache, timeout=MEASURE_S)


if __name__ == "__main__":
    main()
