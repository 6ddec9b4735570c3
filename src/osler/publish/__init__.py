"""Values -> pages, tables and figures. The same input gives the same bytes."""
