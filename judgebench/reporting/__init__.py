"""What several reports share: figures in words, and the tables of papers with a board beside them."""
