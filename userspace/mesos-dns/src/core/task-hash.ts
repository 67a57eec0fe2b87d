import { utf8Encode } from "@tutti/base";

/** Human-oriented base 32 (zbase32), as Mesos-DNS uses it. */
const alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769";

/** Five characters that stand for a task in `task-<hash>-s<agent>`: the first 25 bits of SHA-1 of its id. */
export function taskHash(taskId: string): string {
  const first = sha1First(utf8Encode(taskId));
  let text = "";
  for (let shift = 27; shift >= 7; shift -= 5) text += alphabet[(first >>> shift) & 31] ?? "";
  return text;
}

/** The first 32 bits of SHA-1 (FIPS 180-4). Here it tells tasks apart; it keeps no secrets. */
function sha1First(message: Uint8Array): number {
  const blockCount = Math.floor((message.length + 8) / 64) + 1;
  const bytes = new Uint8Array(blockCount * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 8, Math.floor(message.length / 0x2000_0000));
  view.setUint32(bytes.length - 4, (message.length * 8) >>> 0);
  const words = new Int32Array(80);
  const state: [number, number, number, number, number] = [
    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
  ];
  for (let block = 0; block < bytes.length; block += 64) {
    for (let index = 0; index < 16; index += 1) words[index] = view.getInt32(block + index * 4);
    for (let index = 16; index < 80; index += 1) {
      const mixed = word(words, index - 3) ^ word(words, index - 8);
      words[index] = turn(mixed ^ word(words, index - 14) ^ word(words, index - 16), 1);
    }
    addBlock(state, words);
  }
  return state[0] >>> 0;
}

function addBlock(state: [number, number, number, number, number], words: Int32Array): void {
  let [a, b, c, d, e] = state;
  for (let index = 0; index < 80; index += 1) {
    const [choice, constant] = round(index, b, c, d);
    const next = (turn(a, 5) + choice + e + constant + word(words, index)) | 0;
    e = d;
    d = c;
    c = turn(b, 30);
    b = a;
    a = next;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
}

function round(index: number, b: number, c: number, d: number): readonly [number, number] {
  if (index < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (index < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (index < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function turn(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function word(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
