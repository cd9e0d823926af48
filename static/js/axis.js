// From data to pixels, and the marks on the way.

/**
 * @param {[number, number]} domain of the data
 * @param {[number, number]} range in pixels
 * @returns {(value: number) => number}
 */
export function scale([low, high], [start, end]) {
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]} round values between low and high
 */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}
