"""The AWS test cloud: a moto server, what moto lacks, and work executed as local processes."""
