/*
 * Readers by the thousand in one thread: opens N WebSocket or SSE connections on loopback, counts
 * the messages they receive and how late each one is.
 *
 *     wsload ws|sse PORT PATH CONNECTIONS SECONDS [FIRST_FRAME [READY_TEXT]]
 *
 * FIRST_FRAME is sent on each WebSocket once it is open. With READY_TEXT a connection counts as
 * open when it has received that text. Prints "READY" when all are open, and SECONDS later one line
 * of JSON. A message is whatever carries "t":<seconds since the epoch>; its lateness is the time of
 * its receipt less that. Frames are searched, not parsed: what this costs should be little
 * beside what the server costs.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARKER "\"t\":"
#define MARKER_LENGTH 4
/* A marker and its number, at most. */
#define CARRY 32
/* Lateness is counted in steps of 50 us, up to a minute. */
#define STEP 0.00005
#define STEPS 1200000

struct connection {
  int fd;
  /* The end of the last read, where a marker may have been cut in two. */
  int carried;
  char carry[CARRY];
};

static long messages, bytes, closed_connections;
static unsigned lateness[STEPS];
static double latest;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void write_all(int fd, const void *data, size_t length) {
  if (write(fd, data, length) != (ssize_t)length) fail("write");
}

static int connect_to(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  return fd;
}

/* Reads until the text has come; what follows it in the same read is lost. */
static void await_text(int fd, const char *text, int index) {
  char buffer[8192];
  size_t length = 0;
  while (length < sizeof buffer) {
    ssize_t n = read(fd, buffer + length, text[0] == '\r' ? 1 : sizeof buffer - length);
    if (n <= 0) {
      fprintf(stderr, "connection %d was closed: %.*s\n", index, (int)length, buffer);
      exit(1);
    }
    length += n;
    if (memmem(buffer, length, text, strlen(text))) {
      if (index == 0 && text[0] == '\r' && atoi(buffer + 9) >= 300) {
        fprintf(stderr, "refused: %.*s\n", (int)length, buffer);
        exit(1);
      }
      return;
    }
  }
  fprintf(stderr, "connection %d never received %s\n", index, text);
  exit(1);
}

/* One text frame, masked with zero. */
static void send_frame(int fd, const char *text) {
  size_t length = strlen(text), head = 0;
  unsigned char frame[4096];
  if (length > sizeof frame - 8) exit(2);
  frame[head++] = 0x81;
  if (length < 126) {
    frame[head++] = 0x80 | length;
  } else {
    frame[head++] = 0x80 | 126;
    frame[head++] = length >> 8;
    frame[head++] = length & 255;
  }
  memset(frame + head, 0, 4);
  head += 4;
  memcpy(frame + head, text, length);
  write_all(fd, frame, head + length);
}

/*
 * Reads "1764000000.123456," much faster than strtod does; moves the pointer to what follows it, or
 * to the end where the number may go on.
 */
static double number(const char **at, const char *end) {
  const char *p = *at;
  double whole = 0, scale = 1;
  for (; p < end && *p >= '0' && *p <= '9'; p++) whole = whole * 10 + (*p - '0');
  if (p < end && *p == '.')
    for (p++; p < end && *p >= '0' && *p <= '9'; p++) whole = whole * 10 + (*p - '0'), scale *= 10;
  *at = p;
  return whole / scale;
}

static void count(double sent, double received) {
  double late = received - sent;
  messages++;
  if (late < 0) late = 0;
  if (late > latest) latest = late;
  long step = late / STEP;
  lateness[step < STEPS ? step : STEPS - 1]++;
}

/* Counts the messages in a buffer; returns where what has to be carried over begins. */
static const char *scan(const char *p, const char *end, double received) {
  const char *found;
  while ((found = memmem(p, end - p, MARKER, MARKER_LENGTH))) {
    p = found + MARKER_LENGTH;
    double sent = number(&p, end);
    if (p == end && end - found < CARRY) return found;
    count(sent, received);
  }
  return end - p < MARKER_LENGTH ? p : end - (MARKER_LENGTH - 1);
}

/* Whether what was read ends with a WebSocket's close frame; says the first one's reason. */
static int ends_with_close(const unsigned char *end, long length) {
  for (long payload = 2; payload <= 125 && payload + 2 <= length; payload++) {
    const unsigned char *frame = end - payload - 2;
    if (frame[0] != 0x88 || frame[1] != payload) continue;
    int code = frame[2] << 8 | frame[3];
    if (code < 1000 || code > 4999) continue;
    if (closed_connections == 0)
      fprintf(stderr, "closed with %d %.*s\n", code, (int)payload - 2, frame + 4);
    return 1;
  }
  return 0;
}

static void leave(struct connection *c) {
  close(c->fd);
  closed_connections++;
}

/* The protocol's ping is a frame of its own, "{}", and wants the same back. */
static void answer_ping(int fd, const char *p, const char *end) {
  if (memmem(p, end - p, "\x81\x02{}", 4)) send_frame(fd, "{}");
}

static void receive(struct connection *c, double received) {
  static char buffer[CARRY + (1 << 18)];
  memcpy(buffer, c->carry, c->carried);
  ssize_t n = read(c->fd, buffer + c->carried, 1 << 18);
  if (n <= 0) {
    if (n == 0 || errno != EAGAIN) leave(c);
    return;
  }
  bytes += n;
  const char *end = buffer + c->carried + n;
  answer_ping(c->fd, buffer, end);
  const char *rest = scan(buffer, end, received);
  c->carried = end - rest;
  memcpy(c->carry, rest, c->carried);
  if (ends_with_close((const unsigned char *)end, n)) leave(c);
}

/* In milliseconds. */
static double percentile(double share) {
  long rank = messages * share, seen = 0;
  for (long step = 0; step < STEPS; step++)
    if ((seen += lateness[step]) > rank) return (step + 0.5) * STEP * 1e3;
  return 0;
}

static void open_all(struct connection *all, int count, int epoll, char **v, int arguments) {
  int websocket = !strcmp(v[1], "ws"), port = atoi(v[2]);
  const char *first = arguments > 6 ? v[6] : "", *ready = arguments > 7 ? v[7] : "";
  char request[4096];
  int length = snprintf(
      request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost:%d\r\n%s\r\n", v[3], port,
      websocket ? "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                : "Accept: text/event-stream\r\n");
  for (int i = 0; i < count; i++) {
    int fd = connect_to(port);
    write_all(fd, request, length);
    await_text(fd, "\r\n\r\n", i);
    if (websocket && first[0]) send_frame(fd, first);
    if (ready[0]) await_text(fd, ready, i);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    all[i].fd = fd;
    struct epoll_event interest = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest);
  }
}

int main(int arguments, char **v) {
  if (arguments < 6) {
    fprintf(stderr, "wsload ws|sse PORT PATH CONNECTIONS SECONDS [FIRST_FRAME [READY_TEXT]]\n");
    return 2;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  int connections = atoi(v[4]), epoll = epoll_create1(0);
  struct connection *all = calloc(connections, sizeof *all);
  open_all(all, connections, epoll, v, arguments);
  printf("READY\n");
  fflush(stdout);

  double first = 0, last = 0;
  struct epoll_event events[256];
  for (double end = now() + atof(v[5]); now() < end;) {
    int n = epoll_wait(epoll, events, 256, 50);
    double received = now();
    long before = messages;
    for (int i = 0; i < n; i++) receive(&all[events[i].data.u32], received);
    if (messages == before) continue;
    if (first == 0) first = received;
    last = received;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"messages\":%ld,\"bytes\":%ld,\"seconds\":%.3f,\"perSecond\":%.0f,\"p50\":%.2f,"
         "\"p99\":%.2f,\"max\":%.2f,\"closed\":%ld,\"cpuSeconds\":%.2f}\n",
         messages, bytes, last - first, last > first ? messages / (last - first) : 0,
         percentile(0.5), percentile(0.99), latest * 1e3, closed_connections,
         usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
             (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
  return 0;
}
