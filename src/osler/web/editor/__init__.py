"""Writing pages in the browser, with the checker beside them."""
