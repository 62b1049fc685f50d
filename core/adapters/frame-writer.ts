import type { Socket } from 'node:net';
import { AbstractMessageWriter, ErrorCodes, Message, type MessageWriter } from 'vscode-jsonrpc/node';
import { MAX_ANSWER_BYTES, MAX_RPC_BYTES } from './frame-guard.ts';

/** Bytes that wait for a peer which does not read; beyond them it is cut off. */
const MAX_UNSENT_BYTES = MAX_ANSWER_BYTES + 8 * 1024 * 1024;
/** Milliseconds for a peer to read what was said last, and to end its side. */
const FAREWELL_MS = 500;

/**
 * Writes messages in the framing of the language-server protocol, those of one turn in one piece (the writer that
 * vscode-jsonrpc has makes two system calls for each, and queues without bound behind a peer that does not read).
 * A peer that subscribes and never reads is cut off; an answer that no peer would accept becomes an error.
 */
export class FrameWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: Socket;
  #gathered = '';

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('close', () => this.fireClose());
  }

  async write(message: Message): Promise<void> {
    let body = JSON.stringify(message);
    let length = Buffer.byteLength(body);
    const most = Message.isResponse(message) ? MAX_ANSWER_BYTES : MAX_RPC_BYTES;
    if (length > most) {
      const why = `expected ${most} bytes at most, came ${length}`;
      if (!Message.isResponse(message)) throw new Error(why);
      const error = { code: ErrorCodes.InternalError, message: why };
      body = JSON.stringify({ jsonrpc: '2.0', id: message.id, error });
      length = Buffer.byteLength(body);
    }
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.#socket.destroy();
      throw new Error(`expected a peer that reads, came ${this.#socket.writableLength} bytes unread`);
    }
    // An answer and the news that go with it are one system call, and wake the peer once.
    if (this.#gathered === '') process.nextTick(() => this.#flush());
    this.#gathered += `Content-Length: ${length}\r\n\r\n${body}`;
    if (this.#gathered.length > MAX_RPC_BYTES) this.#flush();
  }

  end(): void {
    this.#flush();
    this.#socket.end();
    // A peer that a signal has stopped never ends its side, and would keep this process with it.
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref();
  }

  override dispose(): void {
    super.dispose();
    this.#socket.destroy();
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = '';
    if (gathered !== '') this.#socket.write(gathered);
  }
}
