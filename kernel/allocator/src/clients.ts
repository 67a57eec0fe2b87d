import { assert, present } from "@tutti/base";
import type { FrameworkId, RoleName } from "@tutti/ids";
import { Bits } from "./bits.ts";
import { capabilityBits } from "./offerable.ts";
import type { Amounts, ClusterTotal } from "./amounts.ts";
import { RoleTree } from "./role-tree.ts";
import type { Sorter } from "./sorter.ts";
import type { AllocatorFramework } from "./types.ts";

/** A role somebody is subscribed to, or still holds resources in. Its number is the role tree's. */
export interface Role {
  readonly name: RoleName;
  readonly number: number;
  /** Orders the frameworks of this role. */
  readonly sorter: Sorter;
  /** By their number in `sorter`. */
  readonly clients: (Client | undefined)[];
  clientCount: number;
  /** The number of the round in which it was found to have no room left, or to lack nothing more. */
  exhaustedIn: number;
  satisfiedIn: number;
}

/** A framework in one of its roles: what offers are made to. */
export interface Client {
  /** Unique over all roles while the client lives. */
  readonly number: number;
  readonly framework: Framework;
  readonly role: Role;
  /** Its number in the role's sorter. */
  readonly place: number;
  subscribed: boolean;
  suppressed: boolean;
  /** Whether it may be offered something: subscribed, not suppressed, its framework active. */
  isActive: boolean;
  /** On how many agents it holds something. */
  agentCount: number;
}

/** A framework and its clients by role. */
export interface Framework {
  readonly id: FrameworkId;
  /** False while it is known only by what agents run for it. */
  isKnown: boolean;
  active: boolean;
  capabilities: number;
  readonly clients: Map<RoleName, Client>;
}

/**
 * Roles, frameworks and clients, kept in step with the sorters.
 *
 * Invariant: a client is active in its role's sorter exactly when it is subscribed, not suppressed and its
 * framework is active; a role is active in the role tree exactly when one of its clients is.
 * Invariant: a client lives while it is subscribed or holds something; a role lives while it has clients.
 */
export class Clients {
  readonly roleTree: RoleTree;
  readonly active = new Bits();
  readonly #createSorter: () => Sorter;
  readonly #frameworks = new Map<FrameworkId, Framework>();
  readonly #roles = new Map<string, Role>();
  readonly #rolesByNumber: (Role | undefined)[] = [];
  readonly #byNumber: (Client | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  /** Told of a client that will not be seen again. */
  readonly #onGone: (client: Client) => void;

  constructor(total: ClusterTotal, createSorter: () => Sorter, onGone: (client: Client) => void) {
    this.#createSorter = createSorter;
    this.roleTree = new RoleTree(total, createSorter);
    this.#onGone = onGone;
  }

  framework(id: FrameworkId): Framework | undefined {
    return this.#frameworks.get(id);
  }

  known(id: FrameworkId): Framework {
    return present(this.#frameworks.get(id), `framework ${id}`);
  }

  client(number: number): Client {
    return present(this.#byNumber[number], "a client by its number");
  }

  role(number: number): Role {
    return present(this.#rolesByNumber[number], "a role by its number");
  }

  /** A framework that subscribes; one so far known only by what agents run for it becomes known. */
  addFramework(wanted: AllocatorFramework): Framework {
    const framework = this.#frameworks.get(wanted.id) ?? this.addUnknownFramework(wanted.id);
    assert(!framework.isKnown, "a framework is added once");
    framework.isKnown = true;
    framework.active = true;
    this.subscribe(framework, wanted);
    return framework;
  }

  /** A framework that holds something on an agent and was not added: not active, in no role. */
  addUnknownFramework(id: FrameworkId): Framework {
    const framework: Framework = {
      id,
      isKnown: false,
      active: false,
      capabilities: 0,
      clients: new Map(),
    };
    this.#frameworks.set(id, framework);
    return framework;
  }

  /** Sets roles, suppressed roles and capabilities; true when a client became active. */
  subscribe(framework: Framework, wanted: AllocatorFramework): boolean {
    framework.capabilities = capabilityBits(wanted.capabilities);
    const roles = new Set(wanted.roles);
    const suppressed = new Set(wanted.suppressedRoles);
    let awakened = false;
    for (const role of roles) {
      const client = this.clientOf(framework, role);
      client.subscribed = true;
      client.suppressed = suppressed.has(role);
      awakened = this.refresh(client) || awakened;
    }
    for (const client of framework.clients.values()) {
      if (roles.has(client.role.name)) continue;
      client.subscribed = false;
      this.refresh(client);
      this.dropIfIdle(client);
    }
    return awakened;
  }

  /** Forgets a framework that holds nothing any more. */
  removeFramework(framework: Framework): void {
    for (const client of framework.clients.values()) {
      client.subscribed = false;
      this.refresh(client);
      this.dropIfIdle(client);
    }
    assert(framework.clients.size === 0, "a removed framework holds nothing");
    this.#frameworks.delete(framework.id);
  }

  /** The framework's client in a role, made when it is not there. */
  clientOf(framework: Framework, name: RoleName): Client {
    const known = framework.clients.get(name);
    if (known !== undefined) return known;
    const role = this.#roleOf(name);
    const client: Client = {
      number: this.#freeNumbers.pop() ?? this.#byNumber.length,
      framework,
      role,
      place: role.sorter.add(),
      subscribed: false,
      suppressed: false,
      isActive: false,
      agentCount: 0,
    };
    this.#byNumber[client.number] = client;
    role.clients[client.place] = client;
    role.clientCount += 1;
    framework.clients.set(name, client);
    return client;
  }

  /** Brings the sorters in step with the client's state; true when it became active. */
  refresh(client: Client): boolean {
    const isActive = client.subscribed && !client.suppressed && client.framework.active;
    if (isActive === client.isActive) return false;
    client.isActive = isActive;
    const { role } = client;
    role.sorter.setActive(client.place, isActive);
    this.roleTree.setActive(role.number, role.sorter.activeCount > 0);
    if (isActive) this.active.add(client.number);
    else this.active.delete(client.number);
    return isActive;
  }

  charge(client: Client, amounts: Amounts): void {
    client.role.sorter.allocated(client.place, amounts);
    this.roleTree.allocated(client.role.number, amounts);
  }

  uncharge(client: Client, amounts: Amounts): void {
    client.role.sorter.unallocated(client.place, amounts);
    this.roleTree.unallocated(client.role.number, amounts);
  }

  /** Forgets a client that is neither subscribed nor holds anything. */
  dropIfIdle(client: Client): void {
    if (client.subscribed || client.agentCount > 0) return;
    const { role } = client;
    this.#onGone(client);
    role.sorter.remove(client.place);
    role.clients[client.place] = undefined;
    role.clientCount -= 1;
    this.#byNumber[client.number] = undefined;
    this.#freeNumbers.push(client.number);
    const { framework } = client;
    framework.clients.delete(role.name);
    if (!framework.isKnown && framework.clients.size === 0) this.#frameworks.delete(framework.id);
    if (role.clientCount > 0) return;
    this.roleTree.remove(role.number);
    this.#rolesByNumber[role.number] = undefined;
    this.#roles.delete(role.name);
  }

  setWeight(name: RoleName, weight: number): void {
    assert(weight > 0 && Number.isFinite(weight), "a weight is a positive number");
    this.roleTree.setWeight(name, weight);
  }

  #roleOf(name: RoleName): Role {
    const known = this.#roles.get(name);
    if (known !== undefined) return known;
    const role: Role = {
      name,
      number: this.roleTree.add(name),
      sorter: this.#createSorter(),
      clients: [],
      clientCount: 0,
      exhaustedIn: -1,
      satisfiedIn: -1,
    };
    this.#rolesByNumber[role.number] = role;
    this.#roles.set(name, role);
    return role;
  }
}
