"""What make demo is made of, beside the runners of tools/local."""
