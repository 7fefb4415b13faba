"""Renders every sample with every chat template that TRL ships: none may refuse it or lose a text.

Usage: python templates.py TEMPLATES OUT...

TEMPLATES is the folder `chat_templates` of TRL.
"""

from checks import check, refused, require

import pathlib
import sys

from jinja2 import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

import outputs

TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
# These want a content in parts, as models that see pictures do.
IN_PARTS = ("idefics3", "llava_next", "smolvlm")
# These say that they know no system role.
NO_SYSTEM = ("gemma.jinja", "gemma_training.jinja")


def main(args):
    if len(args) < 2:
        sys.exit("usage: templates.py TEMPLATES OUT...")
    folder, *outs = map(pathlib.Path, args)
    templates = sorted(folder.glob("*.jinja"))
    for out in outs:
        print(f"# {out}")
        talks = [row["messages"] for rows in outputs.samples(out).values() for row in rows]
        with check(f"{len(templates)} templates"):
            require(len(templates) > 60 and talks, f"{len(templates)} templates, {len(talks)} samples")
            for template in templates:
                renders(template, [suited(template, talk) for talk in talks])
    with refused("an assistant who begins", TemplateError):
        renders(folder / "gemma3.jinja", [talks[0][-1:] + talks[0]])


def suited(template, talk):
    if template.name in NO_SYSTEM:
        talk = [message for message in talk if message["role"] != "system"]
    if template.name.startswith(IN_PARTS):
        talk = [{**message, "content": [{"type": "text", "text": message["content"]}]} for message in talk]
    return talk


def renders(template, talks):
    source = template.read_text(encoding="utf-8")
    rendered, _ = render_jinja_template(conversations=talks, chat_template=source, **TOKENS)
    for talk, text in zip(talks, rendered, strict=True):
        lost = [content for content in map(plain, talk) if content not in text]
        require(not lost, f"{template.name} loses {lost}")


def plain(message):
    content = message["content"]
    return content if isinstance(content, str) else content[0]["text"]


if __name__ == "__main__":
    main(sys.argv[1:])
