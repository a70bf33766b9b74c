"""The components of a release (its SBOM) as CycloneDX: each wheel by name, version, licence and digest."""

import email
import uuid
import zipfile
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.releases.archive import PRODUCT, digest_of

_CLASSIFIED = "License :: OSI Approved :: "


def components(version: str, wheels: list[Path], moment: int) -> str:
    """What stands in a release of this version, as JSON: the same for the same wheels."""
    bom = Bom()
    bom.metadata.component = Component(
        name=PRODUCT, version=version, type=ComponentType.APPLICATION, bom_ref=f"{PRODUCT}@{version}"
    )
    bom.metadata.timestamp = datetime.fromtimestamp(moment, UTC)
    bom.components.update(_component(wheel) for wheel in wheels)
    bom.register_dependency(bom.metadata.component, bom.components)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, " ".join([version, *sorted(map(digest_of, wheels))]))
    return JsonV1Dot6(bom).output_as_string(indent=1)


def _component(wheel: Path) -> Component:
    about = _metadata(wheel)
    name, version = str(about["Name"]), str(about["Version"])
    found = PackageURL("pypi", name=name.lower().replace("_", "-"), version=version)
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, purl=found, bom_ref=str(found),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest_of(wheel))], licenses=_licences(about),
    )  # fmt: skip


def _licences(about: Message) -> list[License]:
    """As the package says it: an expression, or the classifiers, or the first line of what stands there."""
    known = LicenseFactory()
    if said := about["License-Expression"]:
        return [known.make_from_string(str(said))]
    classified = [str(row) for row in about.get_all("Classifier", []) if str(row).startswith(_CLASSIFIED)]
    named = [row.removeprefix(_CLASSIFIED) for row in classified] or str(about["License"] or "").splitlines()[:1]
    return [known.make_with_name(name) for name in named if name.strip()]


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as content:
        (name,) = [name for name in content.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(content.read(name))
