"""Write the results: files, pages, gradebooks."""
