"""Terraform: what it applies it finds again, and what it destroys is gone."""

import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent / "terraform"
# Where a mirror of providers may be, as `terraform providers mirror` makes it: the story never reaches for the network.
MIRRORS = [
    *filter(None, [os.environ.get("FOGBANK_TERRAFORM_MIRROR")]),
    os.path.expanduser("~/.terraform.d/plugins"),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
]


@pytest.fixture
def terraform(start, tmp_path):
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    mirrors = [mirror for mirror in MIRRORS if pathlib.Path(mirror, "registry.terraform.io/hashicorp/aws").is_dir()]
    if not mirrors:
        pytest.skip("there is no mirror with terraform's AWS provider")
    server = start("--ephemeral")
    settings = tmp_path / "terraform.rc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirrors[0]}"\n  }}\n}}\n')
    queue = server.client("sqs").create_queue(QueueName="terraform")["QueueUrl"]
    arn = server.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "TF_"))},
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_VAR_endpoint": server.endpoint,
        "TF_VAR_queue": arn,
    }

    def terraform(*arguments: str) -> str:
        done = subprocess.run(["terraform", *arguments, "-no-color"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-4000:]}{done.stderr}"
        return done.stdout

    terraform.server, terraform.folder = server, tmp_path
    return terraform


def test_s3(terraform):
    shutil.copy(HERE / "s3.tf", terraform.folder)
    terraform("init")
    terraform("apply", "-auto-approve")
    assert terraform("output", "-raw", "body") == "hello"
    # With this flag a plan that would change anything ends with 2.
    terraform("plan", "-detailed-exitcode")
    terraform("destroy", "-auto-approve")
    assert terraform.server.client("s3").list_buckets()["Buckets"] == []
