"""The node that the applications drive, who lives there, and a picture."""

import io
from dataclasses import dataclass

from PIL import Image

from node.cli.demo.agents import Agent
from node.cli.demo.nodes import NodeProcess

PASSWORD = "un mot de passe d'essai"


@dataclass(frozen=True, slots=True)
class Village:
    """One node, the mayor's agent and a citizen."""

    node: NodeProcess
    agent: Agent
    citizen: Agent

    @property
    def agent_handle(self) -> str:
        return f"@mairie@{self.node.authority_part}"

    @property
    def citizen_handle(self) -> str:
        return f"@camille@{self.node.authority_part}"


def picture(colour: tuple[int, int, int] = (176, 42, 48)) -> bytes:
    """A small JPEG that says in its metadata where it was taken."""
    image = Image.new("RGB", (320, 200), colour)
    exif = Image.Exif()
    exif[0x010E] = "chez Mme Martin, 3 rue du Puits"
    said = io.BytesIO()
    image.save(said, "JPEG", exif=exif)
    return said.getvalue()
