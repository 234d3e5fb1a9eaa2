"""Walkers that judge registered resources and requests by the clouds' own API models.

`checks` is the face; `finding` is what comes back. Each truth (an SDK's argument types, botocore,
CloudFormation, Google's discovery documents, Azure's REST models) is read from its installed
package into the one `Shape` of `shape`, and `walk` judges a value by any of them.
"""
