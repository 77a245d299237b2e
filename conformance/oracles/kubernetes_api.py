"""What the Kubernetes API accepts, by its published schemas (kubernetes-validate)."""

import functools
import shutil
import sys

import yaml
from harness import run
from kubernetes_validate import utils

# The library parses the same large schema again for each object otherwise.
utils.schema_contents = functools.cache(utils.schema_contents)


def versions(oldest=(0, 0)):
    """The oldest version from `oldest` on and the newest, of those that there are schemas for."""
    known = [one for one in utils.all_versions() if tuple(map(int, one.split(".")[:2])) >= oldest]
    return known[0], known[-1]


def errors(item, some_versions):
    """Why the API would refuse `item`; unknown fields too."""
    for version in some_versions:
        try:
            utils.validate(item, version, strict=True)
        except utils.ValidationError as error:
            yield f"is not valid in Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}"


def kustomized(folder):
    """The objects that `kubectl kustomize` makes of a folder."""
    if shutil.which("kubectl") is None:
        sys.exit("kubectl is missing: this check needs `kubectl kustomize`, and does not pass without it")
    return [one for one in yaml.load_all(run("kubectl", "kustomize", folder), Loader=yaml.CSafeLoader) if one]
