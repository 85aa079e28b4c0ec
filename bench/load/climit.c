/*
 * The limit of one write per delivery: a WebSocket server in C that does nothing but broadcast. Any
 * GET is upgraded (to the fixed key of wsload); any POST's body goes to everyone as one text frame,
 * with one write() each. What a socket does not take at once is dropped.
 *
 *     climit PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 20000

static int subscribers[MOST], count;
static char buffer[65536];

static const char upgrade[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char done[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static void reply(int fd, const char *text, size_t length) {
  if (write(fd, text, length) < 0) perror("write");
}

static void leave(int fd) {
  close(fd);
  for (int i = 0; i < count; i++)
    if (subscribers[i] == fd) {
      subscribers[i] = subscribers[--count];
      return;
    }
}

static void broadcast(const char *body, size_t length) {
  static unsigned char frame[sizeof buffer + 4];
  size_t head = 0;
  frame[head++] = 0x81;
  if (length < 126) {
    frame[head++] = length;
  } else {
    frame[head++] = 126;
    frame[head++] = length >> 8;
    frame[head++] = length & 255;
  }
  memcpy(frame + head, body, length);
  for (int i = 0; i < count; i++)
    if (write(subscribers[i], frame, head + length) < 0) continue;
}

/* A request's head comes in one read; its body may come later. */
static void post(int fd, int length) {
  char *body = strstr(buffer, "\r\n\r\n"), *header = strcasestr(buffer, "Content-Length:");
  if (!body || !header) return;
  body += 4;
  int wanted = atoi(header + 15), have = length - (body - buffer);
  while (have < wanted) {
    int n = read(fd, body + have, buffer + sizeof buffer - 1 - (body + have));
    if (n == 0) return;
    if (n > 0) have += n;
  }
  broadcast(body, wanted);
  reply(fd, done, sizeof done - 1);
}

static void serve(int fd) {
  int length = read(fd, buffer, sizeof buffer - 1);
  if (length <= 0) return leave(fd);
  buffer[length] = 0;
  if (!strncmp(buffer, "POST", 4)) return post(fd, length);
  if (strncmp(buffer, "GET", 3) || count == MOST) return;
  reply(fd, upgrade, sizeof upgrade - 1);
  subscribers[count++] = fd;
}

static void watch(int epoll, int fd) {
  struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest);
}

int main(int arguments, char **v) {
  if (arguments < 2) return 2;
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(v[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
    perror("listen");
    return 1;
  }
  watch(epoll, listener);
  printf("READY\n");
  fflush(stdout);
  struct epoll_event events[256];
  for (;;) {
    int n = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        serve(fd);
        continue;
      }
      int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (client < 0) continue;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      watch(epoll, client);
    }
  }
}
