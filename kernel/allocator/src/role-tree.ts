import { present } from "@tutti/base";
import type { Amounts, ClusterTotal } from "./amounts.ts";
import type { Sorter } from "./sorter.ts";

/** A place in the tree of roles: a role somebody is in, or one that only has children. */
interface TreeNode {
  readonly path: string;
  readonly parent: TreeNode | undefined;
  /** The nodes from the top level down to this one. */
  readonly line: readonly TreeNode[];
  /** Its number in the parent's sorter. */
  place: number;
  /** Orders what is below; undefined while there is nothing but the role itself. */
  sorter: Sorter | undefined;
  /** By their place in `sorter`. */
  readonly children: (TreeNode | undefined)[];
  childCount: number;
  /** The role's number, −1 while nobody is in the role itself. */
  number: number;
  /** Where the role itself stands among its children, −1 when it does not. */
  ownPlace: number;
  ownChosen: number;
  ownActive: boolean;
  /** Whether its sorter changed since the last `rewind`. */
  isDirty: boolean;
  /** The stage in which the role itself was passed for good, and that in which all that is active here was. */
  ownPassedIn: number;
  passedIn: number;
  /** How many of its children, the role itself among them, were passed in the stage `passedCountIn`. */
  passedCount: number;
  passedCountIn: number;
}

/**
 * Orders roles as a tree (`a`, `a/b`, `a/b/c`): at each level one sorter orders the children, among them,
 * with weight 1, the role itself for the frameworks that are in it directly. What a role holds counts for
 * its ancestors. A walk goes through the first child and all below it, then the second.
 *
 * A role without children has no sorter of its own, so that a flat tree is one sorter.
 *
 * Invariant: a node lives while somebody is in its role or it has children.
 * Invariant: a node is active in its parent's sorter exactly when something in it is.
 */
export class RoleTree {
  readonly #createSorter: () => Sorter;
  readonly #total: ClusterTotal;
  #totalVersion = -1;
  readonly #top: Sorter;
  readonly #root: TreeNode;
  readonly #nodes = new Map<string, TreeNode>();
  readonly #byNumber: (TreeNode | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  readonly #weights = new Map<string, number>();
  /** Nodes with a sorter, without the root. */
  readonly #inner = new Set<TreeNode>();
  #dirty: TreeNode[] = [];
  /** The node in which the walk is. */
  #walked: TreeNode;
  #stage = 0;
  /** Whether the walk has left out what was passed. */
  hasPassed = false;

  constructor(total: ClusterTotal, createSorter: () => Sorter) {
    this.#total = total;
    this.#createSorter = createSorter;
    this.#top = createSorter();
    this.#root = { ...emptyNode("", undefined), sorter: this.#top };
    this.#walked = this.#root;
  }

  /** How many subtrees of the top level have something active. */
  get activeCount(): number {
    return this.#top.activeCount;
  }

  /** A role that holds nothing and is not active; its number. Numbers of removed roles are used again. */
  add(path: string): number {
    const node = this.#nodeAt(path);
    node.number = this.#freeNumbers.pop() ?? this.#byNumber.length;
    this.#byNumber[node.number] = node;
    if (node.sorter !== undefined) node.ownPlace = node.sorter.add();
    return node.number;
  }

  /** Forgets a role that holds nothing. */
  remove(number: number): void {
    const node = this.#node(number);
    this.setActive(number, false);
    if (node.ownPlace >= 0) node.sorter?.remove(node.ownPlace);
    node.number = -1;
    node.ownPlace = -1;
    node.ownChosen = 0;
    this.#byNumber[number] = undefined;
    this.#freeNumbers.push(number);
    this.#prune(node);
  }

  setActive(number: number, active: boolean): void {
    const node = this.#node(number);
    if (node.ownActive === active) return;
    node.ownActive = active;
    if (node.sorter !== undefined) {
      node.sorter.setActive(node.ownPlace, active);
      this.#markDirty(node);
    }
    this.#passActivityUp(node);
  }

  /** A weight may be set of a role that nobody is in. */
  setWeight(path: string, weight: number): void {
    this.#weights.set(path, weight);
    const node = this.#nodes.get(path);
    if (node?.parent === undefined) return;
    sorterOf(node.parent).setWeight(node.place, weight);
    this.#markDirty(node.parent);
  }

  allocated(number: number, amounts: Amounts): void {
    const node = this.#node(number);
    node.ownChosen += 1;
    if (node.sorter !== undefined) {
      node.sorter.allocated(node.ownPlace, amounts);
      this.#markDirty(node);
    }
    for (let each = node; each.parent !== undefined; each = each.parent) {
      sorterOf(each.parent).allocated(each.place, amounts);
      this.#markDirty(each.parent);
    }
  }

  unallocated(number: number, amounts: Amounts): void {
    const node = this.#node(number);
    if (node.sorter !== undefined) {
      node.sorter.unallocated(node.ownPlace, amounts);
      this.#markDirty(node);
    }
    for (let each = node; each.parent !== undefined; each = each.parent) {
      sorterOf(each.parent).unallocated(each.place, amounts);
      this.#markDirty(each.parent);
    }
  }

  /** Begins a walk over the active roles, in the order of this moment. */
  rewind(): void {
    if (this.#totalVersion !== this.#total.version) {
      this.#totalVersion = this.#total.version;
      for (const node of this.#inner) node.sorter?.rewind();
    }
    for (const node of this.#dirty) {
      node.isDirty = false;
      node.sorter?.rewind();
    }
    if (this.#dirty.length > 0) this.#dirty = [];
    this.#walked = this.#root;
    this.hasPassed = false;
    this.#top.rewind();
  }

  /** Begins a stage of a round, in which nothing is passed yet, and no role becomes active or ceases to be. */
  beginStage(): void {
    this.#stage += 1;
  }

  /** Leaves an active role out of all walks of this stage that want no passed ones; once for each role. */
  pass(number: number): void {
    let node = this.#node(number);
    if (node.ownPassedIn === this.#stage) return;
    node.ownPassedIn = this.#stage;
    if (node.sorter !== undefined && !this.#isLastPassed(node)) return;
    node.passedIn = this.#stage;
    for (; node.parent !== undefined; node = node.parent) {
      if (!this.#isLastPassed(node.parent)) return;
      node.parent.passedIn = this.#stage;
    }
  }

  /** Counts one more child as passed, and says whether all active ones are now. */
  #isLastPassed(node: TreeNode): boolean {
    if (node.passedCountIn !== this.#stage) {
      node.passedCountIn = this.#stage;
      node.passedCount = 0;
    }
    node.passedCount += 1;
    return node.passedCount === sorterOf(node).activeCount;
  }

  /**
   * The number of the next role of the walk, −1 when all were visited. With `leavesPassed` those are left out
   * that were passed in this stage; of a subtree in which all were, at the cost of one.
   */
  next(leavesPassed: boolean): number {
    const left = leavesPassed ? this.#stage : -2;
    for (;;) {
      const node = this.#walked;
      const place = sorterOf(node).next();
      if (place < 0) {
        if (node.parent === undefined) return -1;
        this.#walked = node.parent;
        continue;
      }
      if (place === node.ownPlace) {
        if (node.ownPassedIn !== left) return node.number;
        this.hasPassed = true;
        continue;
      }
      const child = present(node.children[place], "a child by its place");
      if (child.passedIn === left) {
        this.hasPassed = true;
        continue;
      }
      if (child.sorter === undefined) return child.number;
      child.sorter.rewind();
      this.#walked = child;
    }
  }

  /** The place in `numbers` of the active role that comes first in the order of the last `rewind`. */
  first(numbers: readonly number[]): number {
    let candidates = numbers.map((number, at) => ({ at, node: this.#node(number) }));
    let parent = this.#root;
    for (let depth = 0; candidates.length > 1; depth += 1) {
      const places = candidates.map(({ node }) => placeIn(parent, node, depth));
      const distinct = [...new Set(places)];
      const first = distinct[sorterOf(parent).first(distinct)];
      candidates = candidates.filter((_, index) => places[index] === first);
      if (first === undefined || first === parent.ownPlace) break;
      parent = present(parent.children[first], "a child by its place");
    }
    return candidates[0]?.at ?? 0;
  }

  /** The numbers of a role and of all below it, as far as somebody is in them. */
  numbersUnder(path: string): readonly number[] {
    const numbers: number[] = [];
    const waiting = [this.#nodes.get(path)];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node.number >= 0) numbers.push(node.number);
      for (const child of node.children) if (child !== undefined) waiting.push(child);
    }
    return numbers;
  }

  #node(number: number): TreeNode {
    return present(this.#byNumber[number], "a role by its number");
  }

  #nodeAt(path: string): TreeNode {
    const known = this.#nodes.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf("/");
    const parent = cut < 0 ? this.#root : this.#nodeAt(path.slice(0, cut));
    const sorter = this.#opened(parent);
    const node = emptyNode(path, parent);
    node.place = sorter.add();
    sorter.setWeight(node.place, this.#weights.get(path) ?? 1);
    parent.children[node.place] = node;
    parent.childCount += 1;
    this.#nodes.set(path, node);
    return node;
  }

  /** The node's sorter; made now, when it had no children yet, with the role itself as the first in it. */
  #opened(node: TreeNode): Sorter {
    if (node.sorter !== undefined) return node.sorter;
    const sorter = this.#createSorter();
    node.sorter = sorter;
    this.#inner.add(node);
    if (node.number < 0 || node.parent === undefined) return sorter;
    // All it holds is its own: there is nobody else below it yet.
    const amounts = sorterOf(node.parent).heldBy(node.place);
    node.ownPlace = sorter.add({ amounts, chosen: node.ownChosen });
    sorter.setActive(node.ownPlace, node.ownActive);
    this.#markDirty(node);
    return sorter;
  }

  /** Takes nodes out that nobody is in, from this one up. */
  #prune(from: TreeNode): void {
    let node = from;
    while (node.parent !== undefined && node.number < 0 && node.childCount === 0) {
      const { parent } = node;
      sorterOf(parent).remove(node.place);
      parent.children[node.place] = undefined;
      parent.childCount -= 1;
      this.#nodes.delete(node.path);
      if (parent.childCount === 0 && parent !== this.#root) {
        this.#inner.delete(parent);
        parent.sorter = undefined;
        parent.ownPlace = -1;
      }
      node = parent;
    }
    this.#passActivityUp(node);
  }

  #passActivityUp(from: TreeNode): void {
    for (let node = from; node.parent !== undefined; node = node.parent) {
      const isActive = node.sorter === undefined ? node.ownActive : node.sorter.activeCount > 0;
      sorterOf(node.parent).setActive(node.place, isActive);
      this.#markDirty(node.parent);
    }
  }

  #markDirty(node: TreeNode): void {
    if (node.isDirty || node === this.#root) return;
    node.isDirty = true;
    this.#dirty.push(node);
  }
}

function emptyNode(path: string, parent: TreeNode | undefined): TreeNode {
  const line: TreeNode[] = [...(parent?.line ?? [])];
  const node: TreeNode = {
    path,
    parent,
    line,
    place: -1,
    sorter: undefined,
    children: [],
    childCount: 0,
    number: -1,
    ownPlace: -1,
    ownChosen: 0,
    ownActive: false,
    isDirty: false,
    ownPassedIn: -1,
    passedIn: -1,
    passedCount: 0,
    passedCountIn: -1,
  };
  if (parent !== undefined) line.push(node);
  return node;
}

function sorterOf(node: TreeNode): Sorter {
  return present(node.sorter, "the sorter of a node with children");
}

/** Where a node, or the ancestor of it that is a child of `parent`, stands among the children of `parent`. */
function placeIn(parent: TreeNode, node: TreeNode, depth: number): number {
  return node === parent ? parent.ownPlace : present(node.line[depth], "a node below").place;
}
