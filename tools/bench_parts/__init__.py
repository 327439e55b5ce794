"""What make bench is made of, beside the runners of tools/local."""
