/** In doubles, so that nothing is converted in the innermost loop: `products[row] = rows[row] . vector`, four rows at a time. */
export const multiply = (rows: Float64Array, vector: Float64Array, products: Float64Array): void => {
  const length = vector.length;
  const count = products.length;
  for (let row = 0; row < count; row += 4) {
    const one = row * length;
    // The last rows are multiplied again where their number is not a multiple of four.
    const two = Math.min(row + 1, count - 1) * length;
    const three = Math.min(row + 2, count - 1) * length;
    const four = Math.min(row + 3, count - 1) * length;
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let at = 0; at < length; at++) {
      const value = vector[at] as number;
      first += (rows[one + at] as number) * value;
      second += (rows[two + at] as number) * value;
      third += (rows[three + at] as number) * value;
      fourth += (rows[four + at] as number) * value;
    }
    products[row] = first;
    if (row + 1 < count) products[row + 1] = second;
    if (row + 2 < count) products[row + 2] = third;
    if (row + 3 < count) products[row + 3] = fourth;
  }
};
