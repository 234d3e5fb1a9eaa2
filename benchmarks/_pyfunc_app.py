"""What `benchmarks/serving.py` compares with: FastAPI around an MLflow model, written plainly."""

import os
from typing import Any

import mlflow.pyfunc
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = mlflow.pyfunc.load_model(os.environ["MODEL"])


class Body(BaseModel):
    """Rows as objects."""

    dataframe_records: list[dict[str, Any]]


@app.get("/ping")
async def ping() -> dict[str, bool]:
    """Say that the model is loaded."""
    return {"ready": True}


@app.post("/invocations")
async def predict(body: Body) -> dict[str, list[Any]]:
    """Answer in the event loop, which is quicker than by way of a thread."""
    return {"predictions": model.predict(pd.DataFrame(body.dataframe_records)).tolist()}
