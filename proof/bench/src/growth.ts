/** One cost of one size. */
export interface GrowthPoint {
  readonly size: number;
  readonly cost: number;
}

/** How a cost grows: what a plot shows. Both axes are logarithmic. */
export interface Growth {
  /** Name of the plot's file, without ending. */
  readonly name: string;
  readonly title: string;
  /** What the sizes count: `agents`. */
  readonly sizeOf: string;
  /** What the costs are: `ms of one cycle`. */
  readonly costOf: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly GrowthPoint[];
  }[];
  /** What must be reached, where something must. */
  readonly targets: readonly GrowthPoint[];
  /** The slope of log cost over log size must not be above it; 1.1 unless it is said. */
  readonly slopeMax?: number;
}

/** The slope of log cost over log size by least squares: 1 when the cost doubles with the size. */
export function slopeOf(points: readonly GrowthPoint[]): number {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const meanX = logs.reduce((sum, { x }) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, { y }) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = logs.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}
