"""Write a .env with fresh secrets, if there is none: `python -m config.write_env`."""

import base64
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]


def main() -> None:
    target = BASE_DIR / ".env"
    lines = []
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FERNET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DEMO_PASSWORD": secrets.token_urlsafe(9),
    }
    for line in (BASE_DIR / ".env.example").read_text().splitlines():
        name = line.partition("=")[0]
        lines.append(f"{name}={fresh[name]}" if name in fresh else line)
    try:
        with target.open("x") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        return
    target.chmod(0o600)


if __name__ == "__main__":
    main()
