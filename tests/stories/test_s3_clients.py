"""What people move files with: the AWS CLI, boto3's transfer manager, rclone, s3cmd and restic, all signing rightly."""

import filecmp
import os
import random
import shutil
import socket
import subprocess

import boto3
import pytest
import requests
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

KEY, SECRET = "AKIAROOTROOTROOTROOT", "sesame"


@pytest.fixture
def guarded(start):
    return start("--ephemeral", "--auth", "signature", "--root-key", f"{KEY}:{SECRET}")


@pytest.fixture
def files(tmp_path):
    """A tree with small files, an empty one, one of several parts, and names that need care."""
    folder = tmp_path / "files"
    (folder / "deep/er").mkdir(parents=True)
    chance = random.Random(7)
    for name, size in [("empty", 0), ("a b+c.txt", 11), ("deep/ünï ☃.bin", 70_000), ("deep/er/large", 18 << 20)]:
        (folder / name).write_bytes(chance.randbytes(size))
    return folder


def same(left, right):
    compared = filecmp.dircmp(left, right)
    assert not compared.left_only + compared.right_only + compared.diff_files + compared.funny_files
    for folder in compared.common_dirs:
        same(os.path.join(left, folder), os.path.join(right, folder))


def run(server, *command, cwd=None, **environment):
    own = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "HOME": str(cwd or "/nonexistent")}
    done = subprocess.run(command, env={**server.environment(), **own, **environment}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def installed(name):
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")


def test_aws_s3(guarded, files, tmp_path):
    def s3(*arguments):
        return run(guarded, "aws", "s3", *arguments, cwd=tmp_path)

    s3("mb", "s3://files")
    s3("sync", str(files), "s3://files/tree")
    assert "large" not in s3("sync", str(files), "s3://files/tree"), "what has not changed is not sent again"
    assert "Total Objects: 4" in s3("ls", "--recursive", "--summarize", "s3://files/")
    s3("cp", "s3://files/tree/deep/er/large", "s3://files/copied")
    s3("mv", "s3://files/copied", "s3://files/tree/moved")
    s3("rm", "s3://files/tree/moved")
    back = tmp_path / "back"
    s3("cp", "--recursive", "s3://files/tree", str(back))
    same(files, back)
    (files / "empty").unlink()
    assert "delete" in s3("sync", "--delete", str(files), "s3://files/tree")
    url = s3("presign", "s3://files/tree/a b+c.txt", "--expires-in", "60").strip()
    assert requests.get(url).content == (files / "a b+c.txt").read_bytes()
    s3("rb", "--force", "s3://files")


def test_transfer_manager(guarded, files, tmp_path):
    config = Config(s3={"addressing_style": "path"})
    s3 = boto3.client("s3", endpoint_url=guarded.endpoint, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET, config=config)
    s3.create_bucket(Bucket="files")
    parts = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=5 << 20)
    large, seen = files / "deep/er/large", []
    s3.upload_file(str(large), "files", "large", ExtraArgs={"Metadata": {"a": "b"}, "ContentType": "text/x"}, Config=parts, Callback=seen.append)
    assert sum(seen) == large.stat().st_size
    head = s3.head_object(Bucket="files", Key="large")
    assert (head["Metadata"], head["ContentType"], head["ETag"][-3:]) == ({"a": "b"}, "text/x", '-4"')
    s3.copy({"Bucket": "files", "Key": "large"}, "files", "copied", Config=parts)
    s3.download_file("files", "copied", str(tmp_path / "back"), Config=parts)
    assert filecmp.cmp(large, tmp_path / "back", shallow=False)
    with open(files / "deep/ünï ☃.bin", "rb") as file:
        s3.upload_fileobj(file, "files", "ünï ☃")
    assert s3.get_object(Bucket="files", Key="ünï ☃")["ContentLength"] == 70_000


def test_rclone(guarded, files, tmp_path):
    installed("rclone")

    def rclone(*arguments):
        settings = {
            "TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": guarded.endpoint, "REGION": "us-east-1",
            "ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET, "FORCE_PATH_STYLE": "true", "CHUNK_SIZE": "5Mi", "UPLOAD_CUTOFF": "6Mi",
        }
        return run(guarded, "rclone", *arguments, cwd=tmp_path, **{f"RCLONE_CONFIG_HERE_{name}": value for name, value in settings.items()})

    rclone("mkdir", "here:files")
    rclone("sync", str(files), "here:files/tree")
    rclone("check", "--download", str(files), "here:files/tree")
    rclone("moveto", "here:files/tree/deep/er/large", "here:files/tree/moved")
    rclone("copyto", "here:files/tree/moved", str(tmp_path / "back"))
    assert filecmp.cmp(files / "deep/er/large", tmp_path / "back", shallow=False)
    assert "a b+c.txt" in rclone("lsf", "-R", "here:files")
    rclone("purge", "here:files")


@pytest.mark.parametrize("version", [2, 4])
def test_s3cmd(guarded, files, tmp_path, version):
    installed("s3cmd")
    host = guarded.endpoint.removeprefix("http://")
    settings = {
        "access_key": KEY, "secret_key": SECRET, "host_base": host, "host_bucket": host, "use_https": False,
        "signature_v2": version == 2, "multipart_chunk_size_mb": 5,
    }
    path = tmp_path / "s3cfg"
    path.write_text("[default]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))

    def s3cmd(*arguments):
        return run(guarded, "s3cmd", "--config", str(path), *arguments, cwd=tmp_path)

    s3cmd("mb", "s3://files")
    s3cmd("put", str(files / "a b+c.txt"), str(files / "deep/er/large"), "s3://files/")
    assert "s3://files/a b+c.txt" in s3cmd("ls", "s3://files")
    s3cmd("cp", "s3://files/large", "s3://files/copied")
    s3cmd("get", "s3://files/copied", str(tmp_path / "back"))
    assert filecmp.cmp(files / "deep/er/large", tmp_path / "back", shallow=False)
    s3cmd("del", "--recursive", "--force", "s3://files")
    s3cmd("rb", "s3://files")


def test_restic(guarded, files, tmp_path):
    installed("restic")

    def restic(*arguments):
        settings = {"RESTIC_REPOSITORY": f"s3:{guarded.endpoint}/backups/tree", "RESTIC_PASSWORD": "secret", "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
        return run(guarded, "restic", *arguments, cwd=tmp_path, **settings)

    restic("init")
    restic("backup", str(files))
    (files / "empty").write_text("no more")
    restic("backup", str(files))
    restic("check", "--read-data")
    restic("forget", "--keep-last", "1", "--prune")
    restic("restore", "latest", "--target", str(tmp_path / "back"))
    same(files, str(tmp_path / "back") + str(files))


def test_a_request_without_a_path_is_answered(server):
    host, port = server.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n")
        assert connection.recv(1024).startswith(b"HTTP/1.1 4")
