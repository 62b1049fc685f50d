import type { Socket } from 'node:net';
import { AbstractMessageWriter, ErrorCodes, Message, type MessageWriter } from 'vscode-jsonrpc/node';
import { MAX_RPC_BYTES } from './frame-guard.ts';

/** Bytes that wait for a peer which does not read; beyond them it is cut off. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/**
 * Writes messages in the framing of the language-server protocol, header and body in one piece (the writer that
 * vscode-jsonrpc has makes two system calls, and queues without bound behind a peer that does not read).
 * A peer that subscribes and never reads is cut off; an answer that no peer would accept becomes an error.
 */
export class FrameWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('close', () => this.fireClose());
  }

  async write(message: Message): Promise<void> {
    let body = Buffer.from(JSON.stringify(message));
    if (body.length > MAX_RPC_BYTES) {
      const why = `expected ${MAX_RPC_BYTES} bytes at most, came ${body.length}`;
      if (!Message.isResponse(message)) throw new Error(why);
      const error = { code: ErrorCodes.InternalError, message: why };
      body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
    }
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.#socket.destroy();
      throw new Error(`expected a peer that reads, came ${this.#socket.writableLength} bytes unread`);
    }
    this.#socket.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  end(): void {
    this.#socket.end();
  }
}
