// A screenshot made small: a PNG of 8 bits for a colour becomes one with a palette. For pictures of pages, which have few colours.
import zlib from 'node:zlib';

function chunks(png) {
  const found = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    found.push({ name: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return found;
}

function nearest(a, b, c) { // Paeth's predictor
  const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function pixels(png) {
  const all = chunks(png), head = all.find(c => c.name === 'IHDR').data;
  const width = head.readUInt32BE(0), height = head.readUInt32BE(4), step = { 2: 3, 6: 4 }[head[9]];
  if (head[8] !== 8 || !step || head[12]) throw new Error('not a screenshot');
  const raw = zlib.inflateSync(Buffer.concat(all.filter(c => c.name === 'IDAT').map(c => c.data)));
  const row = width * step, out = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const kind = raw[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const left = x >= step ? out[y * row + x - step] : 0, up = y ? out[(y - 1) * row + x] : 0, corner = x >= step && y ? out[(y - 1) * row + x - step] : 0;
      const add = [0, left, up, (left + up) >> 1, nearest(left, up, corner)][kind];
      out[y * row + x] = raw[y * (row + 1) + 1 + x] + add;
    }
  }
  return { width, height, step, out };
}

// The colours used most, as they are: grounds and letters; of the others none too near to one before it.
function palette(counts, size) {
  const used = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 4000), chosen = used.slice(0, size / 4).map(([colour]) => colour);
  for (const apart of [400, 60, 0])
    for (const [colour] of used) {
      if (chosen.length === size) return chosen;
      if (!chosen.includes(colour) && chosen.every(other => distance(other, colour) > apart)) chosen.push(colour);
    }
  return chosen;
}

function distance(a, b) {
  return ((a >> 16) - (b >> 16)) ** 2 + ((a >> 8 & 255) - (b >> 8 & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
}

function crc32(octets) {
  let crc = ~0;
  for (const octet of octets) {
    crc ^= octet;
    for (let i = 0; i < 8; i++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]), out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

export function indexedPng(png, size = 128) {
  const { width, height, step, out } = pixels(png);
  const counts = new Map(), colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++) {
    colours[i] = out[i * step] << 16 | out[i * step + 1] << 8 | out[i * step + 2];
    counts.set(colours[i], (counts.get(colours[i]) ?? 0) + 1);
  }
  const chosen = palette(counts, size), place = new Map();
  for (const colour of counts.keys()) {
    let best = 0;
    for (let i = 1; i < chosen.length; i++) if (distance(chosen[i], colour) < distance(chosen[best], colour)) best = i;
    place.set(colour, best);
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = place.get(colours[y * width + x]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', Buffer.from(chosen.flatMap(c => [c >> 16, c >> 8 & 255, c & 255]))),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
