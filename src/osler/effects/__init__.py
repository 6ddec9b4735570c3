"""From arm-level results to an estimate and its variance on an analysis scale."""
