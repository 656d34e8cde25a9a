/** What is known of a connection: who made it, and between which lines of the log it was open. */
interface Connection {
  readonly opened: number;
  closed: number;
  application: string;
}

/**
 * Connections as PostgreSQL logs them. The log is exact; asking PostgreSQL from time to time would miss the short ones. Each of its
 * processes writes its lines at once, "received" before it talks to the client and "disconnection" before it closes the socket. So
 * a connection that was opened after another was closed never appears to overlap it.
 *
 * Reads the lines that `log_line_prefix = '[%p] '`, `log_connections = 'receipt,authorization'` and `log_disconnections` give.
 */
export class ConnectionLog {
  readonly #connections: Connection[] = [];
  /** By the id of PostgreSQL's process; an id may be reused after its connection has closed. */
  readonly #open = new Map<string, Connection>();
  #lines = 0;

  add(line: string): void {
    this.#lines++;
    const [, process = '', text = ''] = /^\[(\d+)\] LOG: {2}(.*)/.exec(line) ?? [];
    if (text.startsWith('connection received:')) this.#opened(process);
    else if (text.startsWith('connection authorized:')) this.#named(process, text);
    else if (text.startsWith('disconnection:')) this.#closed(process);
  }

  /** The `application_name` of every connection that was opened by an application whose name starts with this. */
  of(application: string): string[] {
    return this.#by(application).map((connection) => connection.application);
  }

  /** The most of them that were open at the same moment. */
  mostAtOnce(application: string): number {
    const all = this.#by(application);
    const besides = ({ opened }: Connection): Connection[] =>
      all.filter((other) => other.opened <= opened && other.closed > opened);
    return Math.max(0, ...all.map((connection) => besides(connection).length));
  }

  /** How many of them are still open. */
  open(application: string): number {
    return this.#by(application).filter((connection) => connection.closed === Infinity).length;
  }

  #by(application: string): Connection[] {
    return this.#connections.filter((connection) => connection.application.startsWith(application));
  }

  #opened(process: string): void {
    const connection = { opened: this.#lines, closed: Infinity, application: '' };
    this.#connections.push(connection);
    this.#open.set(process, connection);
  }

  #named(process: string, text: string): void {
    const connection = this.#open.get(process);
    if (connection !== undefined) connection.application = /application_name=(.*)$/.exec(text)?.[1] ?? '';
  }

  #closed(process: string): void {
    const connection = this.#open.get(process);
    if (connection !== undefined) connection.closed = this.#lines;
    this.#open.delete(process);
  }
}
