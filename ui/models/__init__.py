"""Item models over lists of rows; they know no subject."""
