"""Requests with which TensorFlow Serving warms a model up before it answers anybody.

Their messages are TensorFlow Serving's (`tensorflow_serving/apis`: model.proto, predict.proto,
prediction_log.proto), of which only the fields that are needed are described here: its Python package pins
versions of TensorFlow.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorflow.core.framework import tensor_pb2

from gansuite.domain import Arrays

FILE = Path("assets.extra") / "tf_serving_warmup_requests"
_PACKAGE = "tensorflow.serving"
_FIELD = descriptor_pb2.FieldDescriptorProto


def write_warmup(model: Path, name: str, requests: Mapping[str, Arrays]) -> None:
    """Write a request for each signature beside a SavedModel.

    Args:
        model: its folder.
        name: the model's.
        requests: inputs, by signature.
    """
    file = model / FILE
    file.parent.mkdir(exist_ok=True)
    log = _messages()["PredictionLog"]
    with tf.io.TFRecordWriter(str(file)) as writer:
        for signature, inputs in requests.items():
            record = log()
            request = record.predict_log.request
            request.model_spec.name, request.model_spec.signature_name = name, signature
            for key, value in inputs.items():
                request.inputs[key].ParseFromString(tf.make_tensor_proto(value).SerializeToString())
            writer.write(record.SerializeToString())


def read_warmup(model: Path) -> list[Any]:
    """Read the requests back: messages with `model_spec` and `inputs`."""
    log = _messages()["PredictionLog"]
    records = tf.data.TFRecordDataset(str(model / FILE)).as_numpy_iterator()
    return [log.FromString(record).predict_log.request for record in records]


@functools.cache
def _messages() -> Mapping[str, Any]:
    """Make the messages' classes, in a pool of their own: the package may be installed as well."""
    pool = descriptor_pool.DescriptorPool()
    for known in _with_dependencies(tensor_pb2.DESCRIPTOR):
        pool.AddSerializedFile(known.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name="gansuite/warmup.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[tensor_pb2.DESCRIPTOR.name],
    )
    spec = file.message_type.add(name="ModelSpec")
    spec.field.add(name="name", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    spec.field.add(name="signature_name", number=3, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    request = file.message_type.add(name="PredictRequest")
    _add(request, "model_spec", 1, f".{_PACKAGE}.ModelSpec")
    entry = request.nested_type.add(name="InputsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    _add(entry, "value", 2, ".tensorflow.TensorProto")
    _add(request, "inputs", 2, f".{_PACKAGE}.PredictRequest.InputsEntry", label=_FIELD.LABEL_REPEATED)
    _add(file.message_type.add(name="PredictLog"), "request", 1, f".{_PACKAGE}.PredictRequest")
    _add(file.message_type.add(name="PredictionLog"), "predict_log", 6, f".{_PACKAGE}.PredictLog")
    pool.Add(file)
    return {
        one.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{one.name}"))
        for one in file.message_type
    }


def _add(message: Any, name: str, number: int, kind: str, label: int = _FIELD.LABEL_OPTIONAL) -> None:
    message.field.add(name=name, number=number, type=_FIELD.TYPE_MESSAGE, type_name=kind, label=label)


def _with_dependencies(file: Any) -> list[Any]:
    found: dict[str, Any] = {}

    def visit(one: Any) -> None:
        for other in one.dependencies:
            visit(other)
        found[one.name] = one

    visit(file)
    return list(found.values())
