"""Verbs of the service: serve, worker, key, audit, export, backup, erased, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.cli.given import Json, examples
from xinyong.cli.house import NO
from xinyong.cli.output import as_json, note, say
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.service.house import House

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="The service's folder; made where there is none.")
]
There = Annotated[Path, typer.Argument(metavar="FOLDER", help="The service's folder.")]
HOME = Path("xinyong-service")

audit = typer.Typer(
    name="audit",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("xinyong audit verify ./coop"),
    help="Verify a ledger.",
)


def add_to(app: typer.Typer) -> None:
    """Put the verbs of this module on the command line."""
    app.command(epilog=examples("xinyong serve", "xinyong serve ./coop --port 8443"))(serve)
    app.command(epilog=examples("xinyong worker ./coop", "xinyong worker ./coop --once"))(worker)
    app.command(
        epilog=examples(
            "xinyong key ./coop --role operator --name 'front desk'",
            "xinyong key ./coop --role subject --name anna --subject member-17",
        )
    )(key)
    app.command(epilog=examples("xinyong export ./coop member-17 > file.json"))(export)
    app.command(epilog=examples("xinyong backup ./coop /mnt/backups/2026-11-22"))(backup)
    app.command(epilog=examples("xinyong erased ./coop > erased.txt"))(erased)
    app.command(
        epilog=examples("xinyong restore /mnt/backups/2026-11-22 ./coop --erased erased.txt")
    )(restore)
    audit.command(epilog=examples("xinyong audit verify ./coop"))(verify)
    app.add_typer(audit)


def serve(
    folder: Folder = HOME,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port.")] = 8400,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="How many processes serve.")
    ] = 1,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="A TLS certificate, as PEM.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Its private key, as PEM.")] = None,
    worker: Annotated[
        bool,
        typer.Option(
            "--worker/--no-worker", help="Also keep the clocks, as 'xinyong worker' does."
        ),
    ] = True,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Speak HTTP where others can reach it: a proxy of yours speaks TLS before it.",
        ),
    ] = False,
    log: Annotated[
        str, typer.Option("--log", help="How much is logged: debug, info, warning, error.")
    ] = "info",
) -> None:
    """Run the HTTP service.

    The first start makes the folder, its settings, its keys and a key for the operator, which is
    shown once. Everything lies in the folder; keep its keys where you keep keys.
    """
    from xinyong.service.callers import new_key
    from xinyong.service.house import open_house, prepare
    from xinyong.service.main import serve as run

    if log not in ("debug", "info", "warning", "error"):
        raise QuestionRefused("there is no such level", where="--log", mend="use info")
    if host not in ("127.0.0.1", "localhost", "::1") and certificate is None and not plain:
        raise QuestionRefused(
            f"keys and what is known about people would travel in the open on {host}",
            where="--host",
            why="others can reach this address, and no certificate is given",
            mend="give --certificate and --key, or --plain where a proxy of yours speaks TLS",
        )
    new = prepare(folder)
    house = open_house(folder)
    try:
        first = new_key(house, "operator", "operator") if new else None
        names = ", ".join(house.schemes)
    finally:
        house.close()
    scheme = "https" if certificate else "http"
    say(f"xinyong serves {folder}: {names}")
    say(f"  API          {scheme}://{host}:{port}/api/v1")
    say(f"  description  {scheme}://{host}:{port}/api/docs")
    if first is not None:
        say(f"  settings     {folder / 'service.toml'}")
        say(f"  keys         {folder / 'keys'}  (without them nothing can be read: keep a copy)")
        say("  operator key, shown this one time:")
        say(f"    {first}")
    run(
        folder,
        host=host,
        port=port,
        workers=workers,
        certificate=certificate,
        key=key,
        worker=worker,
        log=log,
    )


def worker(
    folder: There = HOME,
    once: Annotated[bool, typer.Option("--once", help="One round, then stop.")] = False,
    json: Json = False,
) -> None:
    """Keep the clocks of a service.

    Signs checkpoints, closes what ran out, works out what was corrected, does jobs.
    'xinyong serve' does so by itself; run this beside services started with --no-worker.
    """
    import signal
    import threading

    from xinyong.service.main import set_up_logs
    from xinyong.service.worker import Worker

    set_up_logs()
    house = _open(folder)
    try:
        if once:
            done = Worker(house).once()
            if json:
                as_json(done)
            else:
                say(", ".join(f"{name.replace('_', ' ')}: {many}" for name, many in done.items()))
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        running = Worker(house)
        running.start()
        try:
            while not stop.wait(1):
                pass
        finally:
            running.stop()
    finally:
        house.close()


def key(
    folder: There = HOME,
    role: Annotated[
        str, typer.Option("--role", help="operator, partner, auditor or subject.")
    ] = "operator",
    name: Annotated[
        str, typer.Option("--name", help="Whom it is given to; readings are recorded so.")
    ] = ...,  # type: ignore[assignment]
    subject: Annotated[
        str | None, typer.Option("--subject", help="The subject it speaks for.")
    ] = None,
) -> None:
    """Make a key of a service. It is shown this one time."""
    from xinyong.service.callers import ROLES, new_key

    if role not in ROLES:
        raise QuestionRefused("there is no such role", where="--role", mend=", ".join(ROLES))
    house = _open(folder)
    try:
        made = new_key(house, next(one for one in ROLES if one == role), name, subject=subject)
    finally:
        house.close()
    print(made)


def verify(folder: There = HOME, json: Json = False) -> None:
    """Verify every entry, tile and checkpoint of a ledger from its stored bytes.

    Ends with exit code 1 where anything is wrong, and names the first such entry.
    """
    from xinyong.service.auditing import verify_house

    house = _open(folder)
    try:
        found = verify_house(house)
    finally:
        house.close()
    fault = None if found.fault is None else str(found.fault)
    if json:
        as_json({"size": found.size, "root": found.root.hex(), "fault": fault})
    elif fault is None:
        say(f"{found.size} entries hold; their root is {found.root.hex()}")
    else:
        say(f"the ledger does not hold: {fault}")
    if fault is not None:
        raise typer.Exit(NO)


def export(
    folder: There = HOME,
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="The subject, by the operator's own id.")
    ] = ...,  # type: ignore[assignment]
) -> None:
    """Write a subject's whole file to standard output as signed JSON.

    That it was handed out is recorded first, as every reading is.
    """
    import json as js

    from xinyong.records.store import Act
    from xinyong.service.routes.readings import file_of

    house = _open(folder)
    try:
        if house.vault.keys(subject, create=False) is None:
            raise QuestionRefused("no such subject is on record", where="SUBJECT")
        body = {
            "reader": "command line",
            "role": "operator",
            "purpose": "export",
            "fields": ["file"],
            "basis": "law:duty to hand over the file",
            "operation": "export",
        }
        made = file_of(house, subject, house.clock())
        house.store.append(Act("read", subject, body))
    finally:
        house.close()
    print(js.dumps(made, ensure_ascii=False, indent=1))


def backup(
    folder: There = HOME,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder for the backup.")] = ...,  # type: ignore[assignment]
    json: Json = False,
) -> None:
    """Write a backup of a service while it serves.

    It holds the ledger and the vault, in a new folder; every entry is verified on the way. The
    settings and the folder 'keys' are not in it: without those keys nobody can read it, and
    neither can you.
    """
    from xinyong.records.store.backup import back_up

    house = _open(folder)
    try:
        made = back_up(house.store, out)
    finally:
        house.close()
    if json:
        as_json({"size": made.size, "root": made.root, "at": made.at})
    else:
        say(f"{made.size} entries are in {out}; their root is {made.root}")
        note("keep 'service.toml' and 'keys' elsewhere: a backup cannot be read without them")


def erased(folder: There = HOME) -> None:
    """Print the pseudonyms of everybody who was erased, one a line.

    They say nothing about anybody. Keep them apart from the backups, as often as you can: restoring
    an older backup erases these subjects again.
    """
    from xinyong.records.store.backup import erased_in

    house = _open(folder)
    try:
        found = erased_in(house.store)
    finally:
        house.close()
    for one in found:
        print(one)


def restore(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of the backup.")],
    folder: There = HOME,
    gone: Annotated[
        Path | None,
        typer.Option("--erased", help="A file of pseudonyms erased since, as 'erased' prints."),
    ] = None,
    json: Json = False,
) -> None:
    """Put a backup back and verify it there.

    The folder holds 'service.toml' and 'keys' as they were, and no ledger and vault. Subjects who
    were erased since the backup are erased again where --erased names them.
    """
    from xinyong.records.store.restoring import restore as put_back
    from xinyong.service.config import read_config
    from xinyong.service.house import read_key, store_url

    config = read_config(folder)
    try:
        again = gone.read_text(encoding="ascii").split() if gone else []
    except (OSError, ValueError):
        raise QuestionRefused("the file of pseudonyms cannot be read", where=str(gone)) from None
    done = put_back(
        out,
        store_url(config.store, folder),
        folder / "vault.db",
        read_key(folder, "master"),
        erased=again,
    )
    if json:
        told = {"size": done.size, "root": done.root.hex(), "unreadable": done.unreadable}
        as_json({**told, "erased_again": len(done.erased_again)})
        return
    say(f"{done.size} entries are back and hold; their root is {done.root.hex()}")
    say(f"  erased again  {len(done.erased_again)}")
    if done.unreadable:
        note(f"warning: the keys of {done.unreadable} subjects are missing")


def _open(folder: Path) -> House:
    try:
        from xinyong.service.house import open_house
    except ImportError as error:
        raise QuestionRefused(
            f"the service needs more packages: {error.name} is missing",
            mend="install xinyong with the extra 'serve'",
        ) from None
    return open_house(folder)


__all__ = ["add_to"]
