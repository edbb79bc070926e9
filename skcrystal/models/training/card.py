"""The model card: what a model is, on which data it was judged, and what it is not for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skcrystal.models.runs import TrainingRun

__all__ = ["card_text"]


def card_text(run: TrainingRun) -> str:
    """Write the model card of a training run as Markdown.

    Parameters
    ----------
    run : TrainingRun

    Returns
    -------
    str
    """
    unit = f" in {run.unit}" if run.unit else ""
    data = run.card["data"]
    lines = [
        f"# {run.target}",
        "",
        f"Predicts {run.target}{unit} ({run.kind}). {next(iter(run.models.values()))}.",
        "",
        f"**Use.** {run.card['intended_use']}",
        "",
        "**Limits.**",
        *(f"- {text}" for text in run.card["limits"]),
        "",
        f"**Data.** {data['n_rows']:,} rows, digest `{data['digest']}`.",
        "",
        "**Errors on rows that the models had not seen** (spread over the folds)",
    ]
    for split in run.splits:
        scores = run.scores(split.name)
        names = list(dict.fromkeys(score.name for score in scores))
        lines += [
            "",
            f"{split.description}:",
            "",
            f"| model | {' | '.join(names)} |",
            "|---" * (len(names) + 1) + "|",
        ]
        for model in split.predictions:
            own = [f"{one.value:.4g} ± {one.spread:.2g}" for one in scores if one.model == model]
            lines.append(f"| {model} | {' | '.join(own)} |")
        if run.kind != "classes":
            inside = run.inside(split.name)
            share = f"{100 * inside:.0f} %" if inside == inside else "An unknown share"
            lines += ["", f"{share} of the targets lie in their {100 * run.coverage:.0f} % intervals."]
    versions = ", ".join(f"{name} {version}" for name, version in run.card["versions"].items())
    lines += ["", f"**Made with** {versions}, seed {run.card['seed']}."]
    return "\n".join(lines) + "\n"
