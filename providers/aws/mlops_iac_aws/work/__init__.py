"""Work inside containers that needs AWS itself: no Pulumi, no pydantic, boto3 when it is used."""
