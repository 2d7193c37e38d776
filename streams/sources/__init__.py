"""Facts from telephone systems and files, one module each, turned into events."""
