"""Keys that AWS keeps, against moto's server: it answers as Secrets Manager and KMS do, and checks no permissions."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import SecretStr

from engagedb.errors import ConfigurationError, LakeError
from engagedb.settings import Settings
from ingest.begin import begin_lake
from lake import key_places
from lake.catalog import Lake
from lake.keyring import create_key_file, require_keyring
from transforms.pseudonyms import derive_first

ROOT = bytes(range(200, 232))
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": server}).items():
        monkeypatch.setenv(name, value)
    return server


def keyring_at(place: str) -> Any:
    return require_keyring(Settings(key_file=place), "lake")


def refusal(place: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        keyring_at(place)
    return str(caught.value)


def secret(name: str, **value: Any) -> str:
    arn: str = boto3.client("secretsmanager").create_secret(Name=name, **value)["ARN"]
    return arn


def encrypted(plaintext: bytes) -> bytes:
    client = boto3.client("kms")
    key = client.create_key()["KeyMetadata"]["KeyId"]
    return bytes(client.encrypt(KeyId=key, Plaintext=plaintext)["CiphertextBlob"])


def test_a_secret_of_moto_holds_a_bare_root_by_name_and_by_arn(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = secret("engagedb/root", SecretString=ROOT.hex())
    assert keyring_at("secretsmanager:engagedb/root") == derive_first(ROOT)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert keyring_at(arn) == derive_first(ROOT)  # the ARN names the region
    assert "does not exist" in refusal("secretsmanager:engagedb/root")


def test_a_secret_of_moto_holds_bytes(moto: str) -> None:
    secret("engagedb/bytes", SecretBinary=ROOT)
    assert keyring_at("secretsmanager:engagedb/bytes") == derive_first(ROOT)


def test_a_secret_of_moto_holds_the_text_of_a_key_file_also_for_the_environment(moto: str, tmp_path: Path) -> None:
    made = create_key_file(tmp_path / "lake.key", "lake")
    secret("engagedb/keyring", SecretString=(tmp_path / "lake.key").read_text())
    stated = Settings(pseudonym_key=SecretStr("secretsmanager:engagedb/keyring"))
    assert keyring_at("secretsmanager:engagedb/keyring") == require_keyring(stated, "lake") == made


def test_a_data_key_is_decrypted_by_kms_of_moto_from_base64_and_from_files(moto: str, tmp_path: Path) -> None:
    ciphertext = encrypted(ROOT)
    text = base64.b64encode(ciphertext)
    (tmp_path / "binary").write_bytes(ciphertext)
    (tmp_path / "text").write_bytes(text + b"\n")
    places = (f"kms:{text.decode()}", f"kms:{tmp_path}/binary", f"kms:{tmp_path}/text")
    assert [keyring_at(place) for place in places] == [derive_first(ROOT)] * 3


def test_a_lake_is_begun_with_a_secret_of_moto_and_refuses_another(moto: str, tmp_path: Path) -> None:
    secret("engagedb/lake", SecretString=ROOT.hex())
    secret("engagedb/other", SecretString=bytes(32).hex())
    settings = Settings(lake=str(tmp_path / "lake"), key_file="secretsmanager:engagedb/lake")
    assert begin_lake(settings)[1] == "The key comes from secretsmanager:engagedb/lake."
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
    other = settings.model_copy(update={"key_file": "secretsmanager:engagedb/other"})
    with pytest.raises(LakeError, match="does not belong to the lake"):
        Lake.open(other).check_key(require_keyring(other, other.lake))


def test_what_moto_does_not_have_or_cannot_decrypt_is_one_sentence(moto: str, tmp_path: Path) -> None:
    assert "secretsmanager:nothing does not exist in this account and region. Correct the name" in refusal("secretsmanager:nothing")
    foreign = base64.b64encode(b"x" * 100).decode()
    told = refusal(f"kms:{foreign}")
    assert told.startswith("The key at kms:... ")
    assert foreign not in told
    assert "neither a file nor base64" in refusal("kms:nofile.bin")
    assert "is not the ARN of a secret" in refusal("arn:aws:kms:eu-west-1:123456789012:key/1234")


@pytest.mark.parametrize("value", ["geheim", "00ff", "0123456789abcdef0123456789abcdef", ROOT.hex()[:-2], ""])
def test_a_secret_of_moto_of_another_length_is_refused_without_being_shown(moto: str, value: str) -> None:
    name = f"engagedb/short-{len(value)}"
    secret(name, SecretString=value) if value else secret(name, SecretBinary=b"\x00")
    told = refusal(f"secretsmanager:{name}")
    assert f"The key at secretsmanager:{name} must hold 32 bytes" in told
    assert not value or value not in told


def test_a_secret_that_moto_is_about_to_delete_is_one_sentence(moto: str) -> None:
    secret("engagedb/leaving", SecretString=ROOT.hex())
    boto3.client("secretsmanager").delete_secret(SecretId="engagedb/leaving")
    assert "marked for deletion" in refusal("secretsmanager:engagedb/leaving")


@pytest.mark.parametrize("code", sorted(key_places._REFUSED))
def test_a_refused_permission_says_which_one_is_missing(moto: str, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """moto checks no permissions, so the client's own answer is given here."""
    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

    def refused(self: BaseClient, operation: str, request: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    monkeypatch.setattr(BaseClient, "_make_api_call", refused)
    assert f"AWS answers {code}. Sign in again, or allow secretsmanager:GetSecretValue" in refusal("secretsmanager:engagedb/root")
    assert "allow kms:Decrypt" in refusal("kms:" + base64.b64encode(ROOT).decode())


def test_no_network_no_region_and_no_credentials_are_one_sentence_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert "cannot be reached (EndpointConnectionError). Check the network" in refusal("secretsmanager:engagedb/root")
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        assert "cannot be reached" in refusal("secretsmanager:engagedb/root")  # AWS_REGION alone is a region too
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert "no AWS region is set" in refusal("secretsmanager:engagedb/root")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers credentials
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert "there are no AWS credentials" in refusal("secretsmanager:engagedb/root")
