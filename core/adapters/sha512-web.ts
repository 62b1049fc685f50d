/** SHA-512 by WebCrypto, which browsers and Node have alike. */
export async function sha512(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-512', Uint8Array.from(bytes)));
}
