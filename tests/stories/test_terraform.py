"""Terraform, where it and its AWS provider are on the machine: what it makes it finds again, and removes."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import ROOT


@pytest.fixture
def terraform(server, tmp_path):
    program = shutil.which("terraform")
    if not program:
        pytest.skip("terraform is not installed")
    queue = server.client("sqs").create_queue(QueueName="terraform")["QueueUrl"].rsplit("/", 1)[-1]
    environment = {
        **os.environ,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_VAR_endpoint": server.endpoint,
        "TF_VAR_queue_arn": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
    }

    def run(*arguments, code=0):
        done = subprocess.run([program, *arguments, "-no-color"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        if arguments[0] == "init" and done.returncode:
            pytest.skip("the AWS provider of Terraform is not on this machine")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def start(name):
        shutil.copy(ROOT / f"tests/stories/terraform/{name}.tf", tmp_path)
        run("init")
        return run

    return start


def test_s3_with_every_setting(terraform, server):
    run = terraform("s3")
    run("apply", "-auto-approve")
    outputs = json.loads(run("output", "-json"))
    assert outputs["body"]["value"] == "hello"
    assert set(outputs["keys"]["value"]) == {"copied", "in/hello world.txt"}
    # 0: nothing to change.
    run("plan", "-detailed-exitcode")
    run("destroy", "-auto-approve")
    names = [bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]]
    assert not [name for name in names if name.startswith("tf-")]
