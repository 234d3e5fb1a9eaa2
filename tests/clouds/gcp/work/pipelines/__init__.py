"""Pipeline jobs: an interpreter of KFP's pipeline document, whose tasks are processes."""
