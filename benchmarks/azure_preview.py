"""`pulumi preview` of the reference stack on Azure ML beside one hand-written file."""

from _preview import Cloud, measure

AZURE = Cloud(
    name="azure",
    imports="import pulumi_azure_native as azure_native",
    arguments=frozenset({"location", "subscriptionId"}),
    known="azure-native:storage:StorageAccount",
    output="id",
)

if __name__ == "__main__":
    measure(AZURE)
