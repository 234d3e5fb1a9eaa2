"""Data planes, and what types of Azure Resource Manager do beyond the usual."""
