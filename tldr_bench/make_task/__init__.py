"""A task from somebody's data: one reader per shape, one writer for all of them."""
