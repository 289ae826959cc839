// SPDX-License-Identifier: MIT
'use strict';
/*
 * Pixels of a PNG, as rrdtool writes it: 8 bits a channel, not interlaced. Anything else is an error.
 */
const zlib = require('zlib');

const SIGNATURE = '89504e470d0a1a0a';
const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };	// by colour type

function chunks(buffer) {
	const found = { data: [] };

	if (buffer.toString('hex', 0, 8) != SIGNATURE)
		throw new Error('is no PNG');
	for (let at = 8; at < buffer.length;) {
		const length = buffer.readUInt32BE(at), type = buffer.toString('latin1', at + 4, at + 8);
		const body = buffer.subarray(at + 8, at + 8 + length);

		if (type == 'IDAT')
			found.data.push(body);
		else if (type == 'IHDR')
			found.header = body;
		at += length + 12;
	}
	return found;
}

// Left, above, and above left: the PNG's own guesses at a byte.
const GUESSES = [
	() => 0,
	(a) => a,
	(a, b) => b,
	(a, b) => (a + b) >> 1,
	(a, b, c) => {
		const pa = Math.abs(b - c), pb = Math.abs(a - c), pc = Math.abs(a + b - 2 * c);

		return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
	}
];

function unfilter(raw, width, height, channels) {
	const stride = width * channels, out = Buffer.alloc(stride * height);

	for (let y = 0; y < height; y++) {
		const guess = GUESSES[raw[y * (stride + 1)]];

		for (let i = 0; i < stride; i++) {
			const here = y * stride + i;
			const left = i >= channels ? out[here - channels] : 0, above = y ? out[here - stride] : 0;
			const corner = y && i >= channels ? out[here - stride - channels] : 0;

			out[here] = raw[y * (stride + 1) + 1 + i] + guess(left, above, corner);
		}
	}
	return out;
}

/* { width, height, at(x, y) } with at() giving [red, green, blue]. */
exports.read = function(buffer) {
	const { header, data } = chunks(buffer);
	const width = header.readUInt32BE(0), height = header.readUInt32BE(4), channels = CHANNELS[header[9]];

	if (header[8] != 8 || header[12] != 0 || !channels || channels < 3)
		throw new Error('is a PNG of another kind');
	const pixels = unfilter(zlib.inflateSync(Buffer.concat(data)), width, height, channels);

	return {
		width, height,
		at: (x, y) => [ ...pixels.subarray((y * width + x) * channels, (y * width + x) * channels + 3) ]
	};
};
