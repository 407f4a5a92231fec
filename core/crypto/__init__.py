"""Keys, passwords, signing and sealing; the only room that imports `cryptography` and `pyrage`.

May import core.kernel and whatever stands below it; knows nothing of visits or papers. Bytes in, bytes out.
`slots` wraps the data key for one account, `sealing` encrypts blobs with it, `signing` is Ed25519, `boxes` are sealed
to one receiver, `certificates` makes the RSA certificate that signs PDF files. Read `slots` first.
"""
