/*
 * Newcomers to a state channel, all at once: map subscriptions of the WebSocket, which ask for one
 * page of state after the other, and streams of /v1/events.
 *
 *     snapshots PORT CHANNEL WEBSOCKETS EVENT_STREAMS LIMIT [WAVES EVERY]
 *
 * LIMIT is the entries of a page. Ends when each has the whole state, or after 30 s, with one line
 * of JSON: how many have it, and the seconds from the first connect to the last page of the last.
 * With WAVES, WebSockets only: when each has it, told by the line READY, they all subscribe anew at
 * once, so many times, EVERY so many seconds; the seconds are then of the slowest of these waves.
 * What comes is searched, not parsed: what this costs should be little beside what the server costs.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 30.0
/* Of a frame's payload, as much as is looked at: it holds the cursor, which comes before the state. */
#define HEAD 1024
#define LAST "\"more\":false"
#define LAST_LENGTH 12

enum state { SHAKING_HANDS, READING_FRAMES, READING_EVENTS };

struct client {
  int fd, id;
  enum state state;
  int done;
  long bytes;
  /* The frame under way: its header as far as it has come, what is left of its payload. */
  unsigned char header[10];
  int header_length;
  long left;
  char head[HEAD + 1];
  int head_length;
  /* Of an event stream: the end of the last read. */
  char carry[LAST_LENGTH];
  int carried;
};

static const char *channel;
static int limit, undone, waves;
static long bytes;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void write_all(int fd, const void *data, size_t length) {
  if (write(fd, data, length) != (ssize_t)length) fail("write");
}

/* One text frame, masked with zero. */
static void send_frame(struct client *c, const char *text) {
  size_t length = strlen(text), at = 0;
  unsigned char frame[2048];
  if (length > sizeof frame - 8) exit(2);
  frame[at++] = 0x81;
  if (length < 126) {
    frame[at++] = 0x80 | length;
  } else {
    frame[at++] = 0x80 | 126;
    frame[at++] = length >> 8;
    frame[at++] = length & 255;
  }
  memset(frame + at, 0, 4);
  memcpy(frame + at + 4, text, length);
  write_all(c->fd, frame, at + 4 + length);
}

/* With an empty cursor: the first page. */
static void ask(struct client *c, const char *cursor, int length) {
  char text[1024];
  snprintf(text, sizeof text,
           "{\"id\":%d,\"subscribe\":{\"channel\":\"%s\",\"type\":1,\"phase\":2,\"limit\":%d,"
           "\"cursor\":\"%.*s\"}}",
           ++c->id, channel, limit, length, cursor);
  send_frame(c, text);
}

static void open_client(struct client *c, int port, int websocket) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0) fail("socket");
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  char request[1024];
  int length = websocket
                   ? snprintf(request, sizeof request,
                              "GET /connection/websocket HTTP/1.1\r\nHost: localhost:%d\r\n"
                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n\r\n",
                              port)
                   : snprintf(request, sizeof request,
                              "GET /v1/events?channels=%s HTTP/1.1\r\nHost: localhost:%d\r\n"
                              "Accept: text/event-stream\r\n\r\n",
                              channel, port);
  write_all(c->fd, request, length);
  c->state = websocket ? SHAKING_HANDS : READING_EVENTS;
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
}

static void done(struct client *c) {
  if (c->done) return;
  c->done = 1;
  undone--;
}

static void subscribe_anew(struct client *c) {
  char text[512];
  snprintf(text, sizeof text, "{\"id\":%d,\"unsubscribe\":{\"channel\":\"%s\"}}", ++c->id, channel);
  c->done = 0;
  undone++;
  send_frame(c, text);
  ask(c, "", 0);
}

/* A page that has a cursor before its state is followed by another. */
static void take_frame(struct client *c) {
  c->head[c->head_length] = 0;
  if (!strcmp(c->head, "{}")) return send_frame(c, "{}"); /* a ping */
  if (strstr(c->head, "\"error\":")) {
    fprintf(stderr, "refused: %s\n", c->head);
    exit(1);
  }
  char *page = strstr(c->head, "\"subscribe\":");
  if (!page) return;
  char *cursor = strstr(page, "\"cursor\":\""), *state = strstr(page, "\"state\":");
  if (!cursor || (state && state < cursor)) return done(c);
  cursor += strlen("\"cursor\":\"");
  ask(c, cursor, strchr(cursor, '"') - cursor);
}

/* Takes what belongs to the frame under way; returns what follows it. */
static const char *frame_part(struct client *c, const char *p, const char *end) {
  if (c->left < 0) {
    c->header[c->header_length++] = *p++;
    int length = c->header[1] & 127, size = c->header_length < 2 ? 2 : length < 126 ? 2 : length == 126 ? 4 : 10;
    if (c->header_length < size) return p;
    c->left = size == 2 ? length : 0;
    for (int i = 2; i < size; i++) c->left = c->left << 8 | c->header[i];
    c->head_length = 0;
  } else {
    long part = end - p < c->left ? end - p : c->left;
    long kept = part < HEAD - c->head_length ? part : HEAD - c->head_length;
    memcpy(c->head + c->head_length, p, kept);
    c->head_length += kept;
    c->left -= part;
    p += part;
  }
  if (c->left > 0) return p;
  c->left = -1;
  c->header_length = 0;
  take_frame(c);
  return p;
}

static const char *handshake(struct client *c, const char *p, const char *end) {
  const char *body = memmem(p, end - p, "\r\n\r\n", 4);
  if (!body || strncmp(p, "HTTP/1.1 101", 12)) {
    fprintf(stderr, "refused: %.*s\n", (int)(end - p), p);
    exit(1);
  }
  c->state = READING_FRAMES;
  c->left = -1;
  c->id = 1;
  send_frame(c, "{\"id\":1,\"connect\":{}}");
  ask(c, "", 0);
  return body + 4;
}

/* The carry of the read before stands in front of p. */
static void events_part(struct client *c, const char *p, const char *end) {
  if (memmem(p, end - p, LAST, LAST_LENGTH)) return done(c);
  c->carried = end - p < LAST_LENGTH - 1 ? end - p : LAST_LENGTH - 1;
  memcpy(c->carry, end - c->carried, c->carried);
}

static void receive(struct client *c) {
  static char buffer[LAST_LENGTH + (1 << 18)];
  char *start = buffer + LAST_LENGTH;
  ssize_t n = read(c->fd, start, 1 << 18);
  if (n <= 0) {
    fprintf(stderr, "closed after %ld bytes\n", c->bytes);
    exit(1);
  }
  c->bytes += n;
  bytes += n;
  const char *p = start, *end = start + n;
  if (c->state == READING_EVENTS) {
    memcpy(start - c->carried, c->carry, c->carried);
    return events_part(c, start - c->carried, end);
  }
  if (c->state == SHAKING_HANDS) p = handshake(c, p, end);
  while (p < end) p = frame_part(c, p, end);
}

static void receive_some(int epoll, struct client *all) {
  struct epoll_event events[256];
  int n = epoll_wait(epoll, events, 256, 50);
  for (int i = 0; i < n; i++) receive(&all[events[i].data.u32]);
}

/* Until each has the whole state. */
static void receive_all(int epoll, struct client *all) {
  double started = now();
  while (undone > 0 && now() - started < PATIENCE) receive_some(epoll, all);
}

int main(int arguments, char **v) {
  if (arguments < 6) {
    fprintf(stderr, "snapshots PORT CHANNEL WEBSOCKETS EVENT_STREAMS LIMIT [WAVES EVERY]\n");
    return 2;
  }
  double every = 0;
  if (arguments > 7) waves = atoi(v[6]), every = atof(v[7]);
  int port = atoi(v[1]), websockets = atoi(v[3]), count = websockets + atoi(v[4]);
  channel = v[2];
  limit = atoi(v[5]);
  undone = count;
  struct client *all = calloc(count, sizeof *all);
  int epoll = epoll_create1(0);
  double started = now();
  for (int i = 0; i < count; i++) {
    open_client(&all[i], port, i < websockets);
    struct epoll_event interest = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &interest);
  }
  receive_all(epoll, all);
  double slowest = now() - started;
  if (waves > 0) {
    slowest = 0;
    puts("READY");
    fflush(stdout);
  }
  for (; waves > 0 && undone == 0; waves--) {
    started = now();
    for (int i = 0; i < count; i++) subscribe_anew(&all[i]);
    receive_all(epoll, all);
    if (now() - started > slowest) slowest = now() - started;
    while (now() < started + every) receive_some(epoll, all); /* pings */
  }
  printf("{\"done\":%d,\"bytes\":%ld,\"seconds\":%.4f}\n", count - undone, bytes, slowest);
  return 0;
}
