"""A page that shows a network in every way."""

NETWORK_PAGE = """\
---
title: Rest, tablets and exercise
description: Made-up trials that make a loop.
author: A reviewer
date: 2025-01-10
reviewed: 2025-01-15
next_review: 2027-01-15
categories: [Sciatica]
---

::: answer
No trial compared tablets with exercise.
{{ result("tablets vs exercise / recovery") }}
:::

## Treatments side by side

{{ options("recovery") }}

## The network

{{ network("recovery") }}

{{ forest("tablets vs exercise / recovery") }}

{{ decision("recovery") }}
"""
