"""What `up` registers with the official SDK; imported only when something is built."""
