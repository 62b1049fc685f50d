import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Level } from 'level';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { type WebSocket, WebSocketServer } from 'ws';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { answerQuestions } from './measured.ts';

/**
 * What y-websocket's own server does: one Y.Doc and one Awareness per room, every update applied and sent to every
 * connection of the room as it comes. With a directory it keeps updates as y-leveldb does, unsynced, and loads them
 * when the room is first entered.
 */
interface StockRoom {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly sockets: Set<WebSocket>;
}

const SYNC = 0;
const AWARENESS = 1;

const directory = process.argv[2];
const db =
  directory === undefined ? null : new Level<string, Uint8Array>(directory, { valueEncoding: 'view' });
await db?.open();
const rooms = new Map<string, Promise<StockRoom>>();

function roomNamed(name: string): Promise<StockRoom> {
  const room = rooms.get(name) ?? openRoom(name);
  rooms.set(name, room);
  return room;
}

async function openRoom(name: string): Promise<StockRoom> {
  const doc = new Y.Doc();
  const room: StockRoom = { doc, awareness: new Awareness(doc), sockets: new Set() };
  room.awareness.setLocalState(null);
  let stored = 0;
  if (db !== null) {
    const updates = await db.values({ gte: `${name}/`, lt: `${name}0` }).all();
    stored = updates.length;
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update);
    });
  }
  doc.on('update', (update: Uint8Array) => {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    writeUpdate(encoder, update);
    const frame = encoding.toUint8Array(encoder);
    for (const socket of room.sockets) send(socket, frame);
    if (db !== null) void db.put(`${name}/${String(stored++).padStart(12, '0')}`, update);
  });
  room.awareness.on('update', (change: { added: number[]; updated: number[]; removed: number[] }) => {
    const clients = [...change.added, ...change.updated, ...change.removed];
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, AWARENESS);
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(room.awareness, clients));
    for (const socket of room.sockets) send(socket, encoding.toUint8Array(encoder));
  });
  return room;
}

function send(socket: WebSocket, frame: Uint8Array): void {
  if (socket.readyState === socket.OPEN) socket.send(frame);
}

function take(room: StockRoom, socket: WebSocket, data: Uint8Array): void {
  const decoder = decoding.createDecoder(data);
  const type = decoding.readVarUint(decoder);
  if (type === SYNC) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    readSyncMessage(decoder, encoder, room.doc, socket);
    if (encoding.length(encoder) > 1) send(socket, encoding.toUint8Array(encoder));
  } else if (type === AWARENESS) {
    applyAwarenessUpdate(room.awareness, decoding.readVarUint8Array(decoder), socket);
  }
}

async function arrive(socket: WebSocket, name: string): Promise<void> {
  const early: Uint8Array[] = [];
  const keep = (data: Uint8Array) => void early.push(data);
  socket.on('message', keep);
  const room = await roomNamed(name);
  socket.off('message', keep);
  room.sockets.add(socket);
  socket.on('message', (data: Uint8Array) => take(room, socket, data));
  socket.on('close', () => room.sockets.delete(socket));
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  writeSyncStep1(encoder, room.doc);
  send(socket, encoding.toUint8Array(encoder));
  for (const data of early) take(room, socket, data);
}

const http = createServer();
const server = new WebSocketServer({ server: http });
server.on('connection', (socket, request) => void arrive(socket, (request.url ?? '/').split('?')[0] ?? '/'));
http.listen(0, '127.0.0.1', () => {
  answerQuestions((http.address() as AddressInfo).port, async () => {
    for (const socket of server.clients) socket.terminate();
    await db?.close();
  });
});
