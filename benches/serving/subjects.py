"""What is measured: stacks as flags of `serve`, with a question for each tool."""

import functools
import json
import subprocess
from pathlib import Path

import harness
from mcp_clients import PATIENCE
from processes import running


class Case:
    """A stack, as flags of `serve`, and what to ask of it."""

    def __init__(self, program, name, flags):
        self.name, self.serve = name, [program, "serve", *map(str, flags)]
        run = subprocess.run([program, "stack", "--json", *map(str, flags)], capture_output=True, timeout=PATIENCE)
        if run.returncode:
            raise harness.Wrong(f"{name}: {run.stderr.decode()}")
        stack = json.loads(run.stdout)
        links = [link for link in stack["links"] if link["ports"]] or stack["links"]
        if not links:
            raise harness.Wrong(f"{name} has no links to ask about")
        ends = {"from": links[0]["from"], "to": links[0]["to"]}
        self.size = f"{len(stack['components']):,} components, {len(stack['links']):,} links"
        self.questions = {
            "explain_flow": ends,
            "describe_stack": {},
            "render_diagram": {},
            "generate_policies": {},
            "pci_compliance_overview": {},
            "pci_compliance_requirement": {"requirement": 10},
            "pci_compliance_gaps": {},
            "pci_compliance_component_impact": {"component_type": "falco"},
            "what_if": {"changes": [{"op": "remove_link", **ends}]},
        }
        known = {tool["name"] for tool in harness.tools([program, "serve", "--demo"])}
        if known != set(self.questions):
            raise harness.Wrong(f"tools without a question here, or without being there: {known ^ set(self.questions)}")

    def changes_never_asked(self, number):
        """Changes of which the server has kept nothing."""
        changes = self.questions["what_if"]["changes"]
        return {"changes": [*changes, {"op": "add_component", "type": "redis", "name": f"never-asked-{number}"}]}

    def over_http(self, *flags):
        return [*self.serve, "--http", "0", "--rate", "0", *flags]


class Run:
    """What a run is about."""

    def __init__(self, program, quick, folder):
        self.program, self.quick, self.folder = program, quick, Path(folder)

    def example(self, name):
        return harness.example(self.program, name)

    def generated(self, components, links, name, out):
        """Generates a stack and returns its text."""
        text = subprocess.run(
            [self.example("big_stack"), str(components), str(links)], capture_output=True, check=True, text=True
        ).stdout
        text = text.replace('project_slug: "big"', f'project_slug: "{name}"')
        text = text.replace('system_name: "big"', f'system_name: "{name}"')
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
        return text

    @functools.cached_property
    def demo(self):
        return Case(self.program, "demo", ["--demo"])

    @functools.cached_property
    def big(self):
        file = self.folder / "big" / "stack-metadata.yaml"
        self.generated(1_000, 5, "big", file)
        return Case(self.program, "1,000 components", ["--stack", file])

    def cases(self, stacks):
        strict = ["--level", "pci_dss_strict"]
        given = [Case(self.program, Path(stack).parent.name, ["--stack", stack, *strict]) for stack in stacks]
        return [self.demo, *given, self.big]

    def load(self, address, clients, requests, *most):
        """What came of it that many clients send requests, as fast as they are answered."""
        command = [self.example("load"), address, str(clients), *map(str, most)]
        given = "".join(json.dumps(request) + "\n" for request in requests)
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with running(command, **streams) as process:
            told, error = process.communicate(given, timeout=900)
            if process.returncode:
                raise harness.Wrong(f"load failed: {error}")
        return json.loads(told)
