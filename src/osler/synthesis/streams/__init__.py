"""Meta-analyses of a Parquet file, part by part, on one machine or on several."""
