"""From a trained run to a version that a server finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gansuite.errors import GansuiteError, UsageError
from gansuite.export.asking import example_inputs
from gansuite.export.beside import write_around, write_in_model
from gansuite.export.model import served, write_model
from gansuite.export.verifying import by_signature, check, differences, questions, write_questions
from gansuite.export.versions import MODELS, chosen, drafted_version, publish, writing
from gansuite.export.warmup import write_warmup
from gansuite.training.checkpoints import reason
from gansuite.training.trained import Trained


def export(
    trained: Trained, folder: Path, *, name: str, number: int | None, note: Callable[[str], None]
) -> Path:
    """Write a run as the next version of a model, whole and checked, or not at all.

    It is written beside the versions, loaded in another process, which has neither Keras nor gansuite, and
    asked what the run is asked; only then does it get its number.

    Args:
        trained: the run.
        folder: of all models.
        name: the model's.
        number: of the version; the one after the last where it is None.
        note: is told what takes a while, and how far answers are from the run's.

    Returns:
        The version's folder: FOLDER/NAME/NUMBER.

    Raises:
        UsageError: there is such a version or none is left, or nothing can be written there.
        PluginError: an endpoint fails, has hidden state, or mixes rows.
        GansuiteError: the SavedModel does not answer as the run does, or there is no room.
    """
    if not served(trained):
        raise UsageError("this run has nothing to serve", where=str(trained.run.path))
    model = folder / name
    with drafted_version(model) as draft:
        version, workplace = draft / "version", draft / "compared"
        with writing(model):
            chosen(model, number)  # refused before the work, not only after it
            write_model(trained, version)
        note("comparing what it answers with what the run does, in another process")
        asked = questions(trained)
        with writing(model):
            write_questions(asked, workplace)
        found = differences(asked, version, workplace)
        check(found)
        requests = {key: example_inputs(key, one, 1) for key, one in served(trained).items()}
        with writing(model):
            write_warmup(version, name, requests)
            write_in_model(trained, version, name, by_signature(found))
            final = publish(version, model, number)
    _write_around(folder, final)
    for signature, difference in by_signature(found).items():
        note(f"{signature}: {f'within {difference:.2g} of' if difference else 'just'} what the run says")
    return final


def _write_around(folder: Path, final: Path) -> None:
    try:
        write_around(folder)
    except OSError as error:
        published = f"version {final.name} is published"
        raise GansuiteError(
            f"{published}, but what starts a server could not be written: {reason(error)}",
            where=str(folder),
            hint="The version is whole: do not export it again. Make room or give access there, and see that "
            f"{MODELS} names {final.parent.name}; the next export of any model writes it.",
        ) from error
