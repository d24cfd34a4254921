# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A worker of OCR-D's processing network: OCR-D core's, with our processors inside.

Core 3.13.3, as read and run: a job that fails is marked FAILED in the database; if database or
Processing Server cannot be reached, the message is thrown away, and the worker ends.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from ocrd_network import ProcessingWorker
from ocrd_network.database import sync_db_get_workspace
from ocrd_network.rabbitmq_utils import OcrdProcessingMessage
from pika.exceptions import AMQPError
from pymongo.errors import PyMongoError

from ..addresses import redact
from ..config.tools import tool_description
from ..errors import WorkerError
from .core_processors import core_processor
from .mets_server_waiting import ServingMets


class _BackToQueue(BaseException):
    """Ends the worker before it has confirmed its message, so that the broker delivers it again.

    No `Exception`: core throws the message away then.
    """


class RapidWorker(ProcessingWorker):  # type: ignore[misc]
    """Core's worker for one of our processors."""

    def process_message(self, processing_message: OcrdProcessingMessage) -> None:
        """Do a job; see core.

        Raises:
            _BackToQueue: the job could not be begun, or its end not be told.
        """
        # Core keeps processors by their parameters, for which a list is no key.
        parameters = processing_message.parameters or {}
        processing_message.parameters = {
            key: tuple(v) if isinstance(v, list) else v for key, v in parameters.items()
        }
        try:
            serving = _serving_mets(processing_message)
            serving.wait()
            self.processor_class.serving_mets = serving
            with _handlers_kept(logging.root, self.log):
                super().process_message(processing_message)
        except ValueError:  # the message makes no sense, and would not the next time
            raise
        except Exception as error:
            raise _BackToQueue(f"job {processing_message.job_id}: {error}") from error


@contextlib.contextmanager
def _handlers_kept(*loggers: logging.Logger) -> Iterator[None]:
    """Give loggers their handlers back, which core replaces by the log file of a job."""
    before = [(logger, logger.handlers[:]) for logger in loggers]
    try:
        yield
    finally:
        for logger, handlers in before:
            for handler in set(logger.handlers) - set(handlers):
                handler.close()
            logger.handlers[:] = handlers


def _serving_mets(message: OcrdProcessingMessage) -> ServingMets:
    """Return the METS server of a job.

    Raises:
        ValueError: the database does not have its workspace.
    """
    job = vars(message)  # what is not given is no attribute
    workspace = sync_db_get_workspace(job.get("workspace_id"), job.get("path_to_mets"))
    callback = job.get("internal_callback_url") or ""
    return ServingMets(
        url=workspace.mets_server_url or "",
        directory=str(Path(workspace.workspace_mets_path).parent),
        processing_server=urljoin(callback, "tcp_mets") if callback else "",
    )


def work(executable: str, queue: str, database: str) -> None:
    """Take jobs for a processor from a queue, one after the other, until interrupted.

    Args:
        executable: the name of the processor, and of the queue.
        queue: address of RabbitMQ.
        database: address of MongoDB.

    Raises:
        WorkerError: RabbitMQ, the database or the Processing Server cannot be reached, or no
            longer. The job under way, if any, will be delivered again.
    """
    logging.root.handlers.clear()  # core adds its own, as ocrd_logging.conf says
    try:
        worker = RapidWorker(
            rabbitmq_addr=queue,
            mongodb_addr=database,
            processor_name=executable,
            ocrd_tool=tool_description(executable),
            processor_class=core_processor(executable),
        )
    except (PyMongoError, ValueError) as error:
        raise WorkerError(f"database {redact(database)}, queue {redact(queue)}: {error}") from error
    try:
        worker.connect_consumer()
        worker.start_consuming()
    except (AMQPError, RuntimeError) as error:  # core's message would have the password
        reason = repr(error) if isinstance(error, AMQPError) else "it cannot be reached"
        raise WorkerError(f"RabbitMQ {redact(queue)}: {reason}; start the worker again") from error
    except _BackToQueue as error:
        raise WorkerError(f"{error}; the job goes back to the queue") from error
