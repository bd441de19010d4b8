"""Terraform: what it applies it finds again, and what it destroys is gone."""

import os
import pathlib
import shutil
import subprocess
import zipfile

import pytest

from test_lambda_images import saved_image

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
    images = tmp_path / "images"
    images.mkdir()
    (images / "shop.tar").write_bytes(saved_image("team/shop:v1", "terraform")[0])
    server = start("--ephemeral", "--lambda-images", str(images))
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


FUNCTION = """
import os, sys
sys.path.append("/opt")
import words

def handler(event, context):
    return " ".join([event["name"], os.environ["WORD"], words.WORD, str(context.get_remaining_time_in_millis() > 25_000)])
"""


def test_lambda_and_logs(terraform):
    shutil.copy(HERE / "lambda.tf", terraform.folder)
    for name, file, text in [("function", "app.py", FUNCTION), ("layer", "words.py", "WORD = 'layer'\n")]:
        with zipfile.ZipFile(terraform.folder / f"{name}.zip", "w") as archive:
            archive.writestr(file, text)
    terraform("init")
    terraform("apply", "-auto-approve")
    assert terraform("output", "-raw", "answer") == "terraform hello layer False"
    terraform("plan", "-detailed-exitcode")

    longer = "-var=timeout=30"
    terraform("apply", "-auto-approve", longer)
    terraform("plan", "-detailed-exitcode", longer)
    functions, logs = terraform.server.client("lambda"), terraform.server.client("logs")
    assert functions.get_alias(FunctionName="terraform-main", Name="live")["FunctionVersion"] == "2"
    answer = functions.invoke(FunctionName="terraform-main", Qualifier="live", Payload=b'{"name": "boto3"}')
    assert answer["Payload"].read() == b'"boto3 hello layer True"'

    terraform("destroy", "-auto-approve", longer)
    assert functions.list_functions()["Functions"] == []
    assert functions.list_layers()["Layers"] == []
    assert functions.list_event_source_mappings()["EventSourceMappings"] == []
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    assert logs.describe_query_definitions()["queryDefinitions"] == []
    assert terraform.server.client("iam").list_roles()["Roles"] == []
